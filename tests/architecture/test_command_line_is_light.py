"""Most commands need no bot, no chart and no mail: they must not pay seconds for importing them."""

from __future__ import annotations

from tests.support.processes import Processes

HEAVY = ("aiogram", "discord", "matplotlib", "numpy", "apprise", "scim2_models", "redis", "fontTools")


def test_the_common_path_imports_nothing_heavy(processes: Processes):
    script = f"import sys, admin_cli.app; print(*sorted(set({HEAVY!r}) & set(sys.modules)), sep=',')"
    assert processes.start_python("-c", script).finish().expect(0).out.strip() == ""
