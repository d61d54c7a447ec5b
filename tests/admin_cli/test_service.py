"""What the machine around Usher is told: the unit, the alerting rules, the dashboard, completion, the version."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from core import telemetry
from core.reports import gauges
from core.rules.alerts import Level
from core.version import usher_version
from tests.support.processes import Processes

REPOSITORY = Path(__file__).parents[2]
THEIRS = {
    "up": {"job", "instance"},
    "process_resident_memory_bytes": {"instance"},
    "process_cpu_seconds_total": {"instance"},
}
"""What every scraped process has, or Prometheus itself adds."""


def known_metrics() -> dict[str, set[str]]:
    """Every metric as Prometheus names it, with its labels."""
    metrics = telemetry._Metrics()
    known = {name: set(gauge._labelnames) for name, gauge in metrics.gauges.items()}
    known |= {f"{name}_total": set(counter._labelnames) for name, counter in metrics.counters.items()}
    for name, histogram in metrics.histograms.items():
        known |= {f"{name}_{part}": {*histogram._labelnames, "le"} for part in ("bucket", "sum", "count")}
    return known | THEIRS


def faults_of(expression: str) -> list[str]:
    """What an expression names that no process of Usher shows."""
    known, faults = known_metrics(), []
    named = re.findall(r"\b((?:usher|process)_\w+|up)\b(?:\{([^}]*)\})?", expression)
    labels = set()
    for metric, selectors in named:
        if metric not in known:
            faults.append(metric)
            continue
        labels |= known[metric]
        for label, value in re.findall(r'(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"', selectors):
            if label not in known[metric]:
                faults.append(f"{metric}{{{label}}}")
            faults += [f"{metric}{{{label}={one}}}" for one in value.split("|") if not is_value(label, one)]
    for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
        faults += [f"by {label}" for label in grouped.replace(" ", "").split(",") if label not in labels]
    return faults if named else ["nothing"]


def is_value(label: str, value: str) -> bool:
    from core.sweeps.schedule import SWEEPS

    possible = {
        "state": {"free", "held", "taken", "used", "unused", "idle"},
        "health": set(gauges.HEALTH),
        "level": {level.name.lower() for level in Level},
        "sweep": {sweep.name for sweep in SWEEPS},
        "job": {"usher"},
    }
    return value in possible.get(label, set())


def service(processes: Processes, *arguments: str) -> str:
    return processes.run("service", *arguments).expect(0).out


def test_the_version_is_the_one_that_is_installed(processes: Processes) -> None:
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    (declared,) = re.findall(r'^version = "(.*)"$', project, re.MULTILINE)
    assert usher_version() == declared
    assert processes.run("--version").expect(0).out.strip() == declared


def test_the_unit_starts_this_program_and_shuts_it_in(processes: Processes) -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(service(processes, "systemd", "--config", "/etc/some where/usher.toml"))
    chosen = unit["Service"]
    program, _, rest = chosen["ExecStart"].partition(" ")
    assert Path(program).name in {"usher", "__main__.py"}
    assert rest == 'run --config "/etc/some where/usher.toml"'
    assert chosen["DynamicUser"] == chosen["NoNewPrivileges"] == "yes"
    assert chosen["ProtectSystem"] == "strict"
    assert chosen["CapabilityBoundingSet"] == ""
    assert "@" not in chosen["ExecStart"] + chosen["ProtectHome"]


def test_the_alerting_rules_name_what_there_is(processes: Processes) -> None:
    rules = YAML(typ="safe").load(service(processes, "alerts"))
    found = [rule for group in rules["groups"] for rule in group["rules"]]
    assert {rule["alert"]: faults_of(rule["expr"]) for rule in found if faults_of(rule["expr"])} == {}
    assert all(rule["annotations"]["summary"] and rule["annotations"]["description"] for rule in found)


def test_the_dashboard_names_what_there_is(processes: Processes) -> None:
    shown = json.loads(service(processes, "dashboard"))
    expressions = [target["expr"] for panel in shown["panels"] for target in panel["targets"]]
    assert {one: faults_of(one) for one in expressions if faults_of(one)} == {}
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in shown["panels"]]
    assert len(places) == len(set(places)), "no panel lies on another"


@pytest.mark.parametrize(
    "planted",
    [
        'usher_seat{state="free"}',
        'usher_seats{states="free"}',
        'usher_teams{health="well"}',
        "sum by (pools) (usher_pool_seats)",
    ],
)
def test_what_there_is_not_is_found(planted: str) -> None:
    assert faults_of(planted)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(processes: Processes, shell: str) -> None:
    script = processes.run("completion", shell).expect(0).out
    assert "redeem" in script
    assert "sandbox" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_wheel_carries_what_the_program_reads(tmp_path: Path, processes: Processes) -> None:
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = zipfile.ZipFile(wheel)
    names = set(packed.namelist())
    assert {
        f"admin_cli/serving/{name}"
        for name in ("usher.service", "alerts.yaml", "dashboard.json", "config.example.toml")
    } <= names
    assert "core/storage/migrations/versions/v0001_first.py" in names
    # As somebody who has installed it and has no clone: every text, picture and migration is found in it.
    packed.extractall(tmp_path / "installed")
    played = processes.json("demo", "--language", "en", PYTHONPATH=str(tmp_path / "installed"))
    assert played["ok"], [step for step in played["steps"] if not step["ok"]]
    assert len(played["steps"]) >= 8


def test_every_setting_is_explained_without_a_clone(processes: Processes) -> None:
    assert processes.run("init", "--print-example").expect(0).out == (REPOSITORY / "config.example.toml").read_text(
        encoding="utf-8"
    )
