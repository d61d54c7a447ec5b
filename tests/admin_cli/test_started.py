"""Commands that are printed can be typed as they stand, however the program was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import REPOSITORY

PROGRAM = f"#!{sys.executable}\nfrom admin_cli.app import main\nmain()\n"


def typed(line: str, here: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    """What a shell in `here` makes of a line."""
    environment = {"PATH": path, "HOME": str(here), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    return subprocess.run(line, shell=True, cwd=here, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the program where an installation into a clone puts it."""
    program = tmp_path / "a clone" / ".venv" / "bin" / "usher"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return tmp_path / "a clone"


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        (".venv/bin/usher init --dir .", ".venv/bin/usher "),
        (".venv/bin/usher init --dir 'the house'", ".venv/bin/usher --config "),
        (f"{sys.executable} -m admin_cli init --dir .", f"{sys.executable} -m admin_cli "),
    ],
)
def test_what_init_prints_is_typed_as_it_stands(clone: Path, start: str, begins: str):
    done = typed(start, clone)
    assert done.returncode == 0, done.stderr
    [imports] = [line for line in done.stdout.splitlines() if line.endswith(" team import sessions.jsonl --yes")]
    assert imports.startswith(f"  {begins}")
    assert f"{imports.split(' team ')[0].strip()} run" in done.stdout
    again = typed(imports.replace("team import sessions.jsonl --yes", "team list --json"), clone)
    assert (again.returncode, again.stdout) == (0, '{"teams": []}\n'), again.stderr


def test_on_the_path_it_is_called_by_its_name(clone: Path):
    path = f"{clone}/.venv/bin:{os.environ['PATH']}"
    assert "\n  usher team import" in typed("usher init --dir .", clone, path).stdout
    assert "See “usher --help”" in typed("usher stast", clone, path).stderr


def test_a_fault_names_the_command_and_the_configuration_that_were_given(clone: Path):
    assert typed(".venv/bin/usher init --dir house", clone).returncode == 0
    (clone / "house" / "usher.db").unlink()
    told = typed(".venv/bin/usher --config house/config.toml team list", clone)
    assert told.returncode == 3
    assert '".venv/bin/usher --config house/config.toml db upgrade" creates it' in told.stderr
    assert typed(".venv/bin/usher --config house/config.toml db upgrade", clone).returncode == 0
    assert "See “.venv/bin/usher --help”" in typed(".venv/bin/usher stast", clone).stderr
