"""What compose.yaml and the Dockerfile say to Usher is understood by it, and nothing of it is open to the world."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from core.settings import load_settings

REPOSITORY = Path(__file__).parents[2]
SECRETS = {"vault_key": "k" * 44, "telegram_token": f"12345678:{'A' * 35}", "postgres_password": "p/w"}


def compose() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_nothing_is_published_and_everything_is_limited() -> None:
    services = compose()["services"]
    assert not [name for name, service in services.items() if "ports" in service or service.get("privileged")]
    serving = [service for name, service in services.items() if name != "migrate"]
    assert all(service["deploy"]["resources"]["limits"]["memory"] for service in serving)
    for name in ("usher", "migrate"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["depends_on"]


def test_the_settings_of_the_containers_are_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, content in SECRETS.items():
        (tmp_path / name).write_text(content)
    dockerfile = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    for name, value in re.findall(r"(USHER_\w+)=(\S+)", dockerfile):
        monkeypatch.setenv(name, value)
    service = compose()["services"]["usher"]
    for name, value in service["environment"].items():
        given = str(value).replace("/run/secrets", str(tmp_path))
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*)\}", r"\1", given))
    monkeypatch.chdir(tmp_path)
    chosen = load_settings()
    assert chosen.database.url == "postgresql+asyncpg://usher:p%2Fw@postgres/usher"
    assert chosen.web.enabled
    assert (chosen.web.host, chosen.web.metrics_host) == ("0.0.0.0", "0.0.0.0"), "in reach of its own networks"
    assert chosen.journal.enabled
    [volume] = service["volumes"]
    assert str(chosen.journal.directory).startswith(volume.partition(":")[2]), "it outlives the container"
