"""A disk that takes no more: which file, why, and where the codes are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.admin_cli.conftest import Installed

INTO_THE_FULL = """
import os, sys
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
sys.argv = ["usher", "code", "generate", "--count", "3"]
from admin_cli.app import main
main()
"""


@pytest.mark.parametrize("where", ["--out", "standard output", "--out as a table"])
def test_a_full_disk_names_the_file_the_reason_and_the_batch(usher: Installed, where: str):
    """`/dev/full` takes nothing, as a full disk does."""
    rights = Path("/dev/full").stat().st_mode
    usher.open_sandbox(seats=4)
    if where == "standard output":
        done = usher.processes.start_python("-c", INTO_THE_FULL).finish()
    else:
        full = Path("/dev/full")
        if where.endswith("table"):
            full = usher.directory / "codes.csv"
            full.symlink_to("/dev/full")
        done = usher.run("code", "generate", "--count", "3", "--out", full)
        assert str(full) in done.err
    assert done.code == 3
    assert "(the disk is full)" in done.err
    assert " code export --batch 1" in done.err
    assert "Traceback" not in done.err
    assert len(usher.run("code", "export", "--batch", "1").expect().out.split()) == 3
    assert Path("/dev/full").stat().st_mode == rights, "what is no regular file keeps its rights"


def test_an_export_that_meets_a_full_disk_says_where_the_codes_are(usher: Installed):
    usher.open_sandbox(seats=4)
    usher.run("code", "generate", "--count", "3").expect()
    done = usher.run("code", "export", "--batch", "1", "--out", "/dev/full")
    assert done.code == 3
    assert "/dev/full could not be written (the disk is full)" in done.err
    assert "batch 1" in done.err
