"""Backups at a place that a URL names: a real SFTP server, and what fsspec has in memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import asyncssh
import fsspec
import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import BackupRefused, Misconfigured, NotAllowed, NotFound
from core.jobs import chores, jobs, report
from core.jobs import sweep as job_sweep
from core.reports.overview import overview
from core.settings import load_settings
from core.storage import copying
from core.sweeps import alerts, runner
from core.upkeep import backups
from core.upkeep.backup_places import BackupTargetFailed, RemoteFolder, place_of
from tests.support.house import open_house
from tests.support.moved import open_moved_house

PASSWORD = "hunter2-of-the-storage"


class Door(asyncssh.SSHServer):
    """Lets in whoever knows the password."""

    inside: ClassVar[set[Any]] = set()

    def connection_made(self, conn: Any) -> None:
        Door.inside.add(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("usher", PASSWORD)


class Disk(asyncssh.SFTPServer):
    """A folder, whose disk may keep something else than what is written to it."""

    spoils = False

    def __init__(self, chan: Any, root: Path) -> None:
        super().__init__(chan, chroot=bytes(root))

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        spoilt = Disk.spoils and offset <= 8192 < offset + len(data)
        kept = data[: 8192 - offset] + bytes(8) + data[8200 - offset :] if spoilt else data
        return super().write(file_obj, offset, kept)


@dataclass
class Storage:
    """A server whose files lie in `folder`."""

    folder: Path
    port: int
    known_hosts: Path

    def settings(self, **more: Any) -> dict[str, Any]:
        url = f"sftp://usher:{PASSWORD}@127.0.0.1:{self.port}/kept/here"
        return {"enabled": True, "target": url, "options": {"known_hosts": str(self.known_hosts)}, **more}

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "kept" / "here").glob("*"))


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    folder = tmp_path / "storage"
    folder.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Door, server_host_keys=[key], sftp_factory=lambda chan: Disk(chan, folder)
    )
    port = server.get_port()
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    try:
        yield Storage(folder, port, known)
    finally:
        Disk.spoils = False
        server.close()
        await server.wait_closed()
        for connection in Door.inside:
            connection.abort()
            await connection.wait_closed()
        Door.inside.clear()


async def test_a_backup_is_sent_read_again_and_the_old_ones_go(database_url: str, storage: Storage):
    async with open_moved_house(database_url, backups=storage.settings(daily=2, weekly=1)) as house:
        by_hand = await backups.make_backup(house.core, SYSTEM)
        assert by_hand.where == f"sftp://127.0.0.1:{storage.port}/kept/here/{by_hand.name}"
        (storage.folder / "kept" / "here" / "usher-auto-20200101-000000.db.part").write_bytes(b"of one that was killed")
        for _ in range(3):
            house.clock.move(days=1)
            await runner.run_now(house.core, "backup")
        assert len(storage.files) == 3, "two days and what somebody asked for"
        assert by_hand.name in storage.files
        assert (await overview(house.core, SYSTEM)).last_backup == house.core.now()
        house.clock.move(hours=51)
        await alerts.check(house.core)
        assert ("backup", "backup_late") in await house.open_alerts()
        with closing(sqlite3.connect(storage.folder / "kept" / "here" / storage.files[0])) as copy:
            assert copy.execute("SELECT count(*) FROM teams").fetchone() == (1,)
        place, listed = await backups.backup_list(house.core.settings, SYSTEM)
        assert place == f"sftp://127.0.0.1:{storage.port}/kept/here"
        assert [one.by_itself for one in listed] == [True, True, False]
        content = await backups.read_backup(house.core, SYSTEM, by_hand.name)
        assert content == (storage.folder / "kept" / "here" / by_hand.name).read_bytes()
        with pytest.raises(NotFound):
            await backups.read_backup(house.core, SYSTEM, "usher-20200101-000000.db")


async def test_what_the_disk_there_has_spoilt_is_no_backup(sqlite_url: str, storage: Storage):
    async with open_moved_house(sqlite_url, backups=storage.settings()) as house:
        Disk.spoils = True
        with pytest.raises(BackupRefused) as refused:
            await runner.run_now(house.core, "backup")
        assert refused.value.facts["reason"] == "unreadable"
        assert storage.files == []
        assert (await overview(house.core, SYSTEM)).last_backup is None
        assert ("sweep:backup", "sweep_failed") in await house.open_alerts()


async def test_a_host_that_nobody_knows_gets_nothing_and_no_password_is_told(
    sqlite_url: str, storage: Storage, capfd: pytest.CaptureFixture[str]
):
    storage.known_hosts.write_text("")
    async with open_moved_house(sqlite_url, backups=storage.settings()) as house:
        with pytest.raises(BackupTargetFailed) as failed:
            await runner.run_now(house.core, "backup")
        assert failed.value.facts["error"] == "HostKeyNotVerifiable"
        assert ("sweep:backup", "sweep_failed") in await house.open_alerts()
        assert PASSWORD not in str(await house.rows("SELECT * FROM audit_log, alerts"))
        assert PASSWORD not in repr(house.core.settings)
    said = capfd.readouterr()
    assert PASSWORD not in said.out + said.err
    assert not (storage.folder / "kept").exists()


async def test_whoever_is_broken_off_while_sending_leaves_nothing_there(sqlite_url: str):
    """The thread that sends is told that nobody waits any more, and takes back what it has begun."""
    files = fsspec.filesystem("memory")
    begun, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    place = RemoteFolder("memory://broken-off", {})

    def work(_files: Any, _root: str, watched: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            while True:
                watched.relative_update(1)
        finally:
            loop.call_soon_threadsafe(ended.set)

    sending = asyncio.ensure_future(place._do(work))
    await begun.wait()
    sending.cancel()
    await asyncio.wait([sending])
    await ended.wait()
    assert sending.cancelled()
    assert not files.exists("/broken-off")


async def test_an_owners_backup_is_a_job_that_is_stopped_while_it_copies(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    target = {"enabled": True, "target": f"memory:/{tmp_path}"}
    async with open_house(database_url, backups=target) as house:
        core = house.core
        with pytest.raises(NotAllowed):
            await chores.start(core, Actor("telegram", "1", Role.ADMIN), "backup", request_key="no")
        begun = await chores.start(core, SYSTEM, "backup", request_key="b")
        assert (await chores.start(core, SYSTEM, "backup", request_key="other")).job_id == begun.job_id

        async def copied(*_: object, watched: Any, **__: object) -> dict[str, int]:
            watched(7)
            await jobs.cancel(core, SYSTEM, begun.job_id)
            return await asyncio.get_running_loop().create_future()

        with monkeypatch.context() as patched:
            patched.setattr(copying, "copy_database", copied)
            await job_sweep.work_off(core)
        line = await report.job(core, SYSTEM, begun.job_id)
        assert (line.state, line.reasons) == ("cancelled", [("skipped", "cancelled", 1)])
        assert line.arguments["figures"] == {"rows": 7, "where": chores.UNDER_WAY}
        assert await place_of(core.settings).sizes() == {}
        again = await chores.start(core, SYSTEM, "backup", request_key="again")
        await job_sweep.work_off(core)
        line = await report.job(core, SYSTEM, again.job_id)
        assert (line.state, line.done) == ("done", 1)
        assert list(await place_of(core.settings).sizes()) == [line.arguments["figures"]["name"]]


async def test_a_job_says_why_there_is_no_backup(sqlite_url: str):
    nowhere = {"enabled": True, "target": "nosuch://place/here"}
    async with open_house(sqlite_url, backups=nowhere) as house:
        begun = await chores.start(house.core, SYSTEM, "backup", request_key="b")
        await job_sweep.work_off(house.core)
        line = await report.job(house.core, SYSTEM, begun.job_id)
        assert (line.state, line.reasons) == ("failed", [("failed", "backup_target", 1)])


@pytest.mark.parametrize("wrong", ["storage.example.com/backups", "sftp://", "/var/backups"])
def test_a_target_that_is_no_url_stops_the_start(wrong: str):
    with pytest.raises(Misconfigured) as refused:
        load_settings(None, {"backups": {"target": wrong}})
    assert "sftp://usher@storage.example.com/backups" in str(refused.value.facts["faults"][0])
