"""`usher service` and `usher completion`: what the machine around Usher needs to know of it."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli.output import CommandAnswer, invocation

app = App(name="service", help="What to run Usher with: a systemd unit, Prometheus' alerting rules, a dashboard.")


@app.command
def systemd() -> CommandAnswer:
    """Print a unit that starts this installation with the configuration of `--config`, shut in as far as it can be.

    Example: usher service systemd --config /etc/usher/config.toml > /etc/systemd/system/usher.service
    """
    program = Path(sys.argv[0]).resolve()
    config = (invocation.get().config or Path("/etc/usher/config.toml")).resolve()
    # Behind ProtectHome=yes a program or a configuration below /home or /root is not to be seen.
    in_a_home = any(path.is_relative_to(home) for path in (program, config) for home in ("/home", "/root"))
    unit = _data("usher.service")
    for name, value in {
        "usher": _unit_word(str(program)),
        "config": _unit_word(str(config)),
        "home": "read-only" if in_a_home else "yes",
    }.items():
        unit = unit.replace(f"@{name}@", value)
    return CommandAnswer({"unit": unit}, [unit.rstrip("\n")])


@app.command
def alerts() -> CommandAnswer:
    """Print alerting rules for Prometheus.

    Example: usher service alerts > /etc/prometheus/rules/usher.yaml
    """
    rules = _data("alerts.yaml")
    return CommandAnswer({"rules": rules}, [rules.rstrip("\n")])


@app.command
def dashboard() -> CommandAnswer:
    """Print a dashboard for Grafana: Dashboards, New, Import.

    Example: usher service dashboard > usher-dashboard.json
    """
    shown = _data("dashboard.json")
    return CommandAnswer({"dashboard": shown}, [shown.rstrip("\n")])


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="The shell to complete in.")],
) -> CommandAnswer:
    """Print the completion of `usher` for a shell.

    Example: usher completion bash > /etc/bash_completion.d/usher
    """
    from admin_cli.app import app as whole

    script = whole.generate_completion(prog_name="usher", shell=shell)
    return CommandAnswer({"shell": shell, "script": script}, [script.rstrip("\n")])


def _data(name: str) -> str:
    return (files("admin_cli") / "serving" / name).read_text(encoding="utf-8")


def _unit_word(text: str) -> str:
    """One word of a unit's command line: % and $ stand for themselves, and blanks do not end it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{quoted}"' if any(char in text for char in " \t'\";") else quoted
