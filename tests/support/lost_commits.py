"""A house that is put back in milliseconds, and whose database is reached through a proxy that cuts on a COMMIT."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from core.models.subaccounts.protocol import Existing, Made
from core.providers.http import HttpClient, Limits
from core.providers.protocol import Done as Ended
from core.providers.protocol import Listing
from core.service import Core
from core.storage.commits import is_autocommit
from core.storage.database import Database
from core.storage.schema import metadata
from core.vault import Vault
from tests.races.world import Stage, World
from tests.simulation.upstream import Adapter
from tests.support.house import KEY, settings_for
from tests.torture.proxy import CuttingProxy

PASSING = frozenset({"buttons", "dialogues", "inbox", "drafts", "facts"})
"""Tables of what stands under a message, or is worked out anew: none of it is what somebody asked for."""
OF_THE_CONVERSATION = frozenset({"core.people.buttons.insert_rows"})
"""Units behind every answer, cut often enough with one of them."""

Doing = Callable[[World, Core], Awaitable[Any]]


class NotingDatabase(Database):
    """Keeps the names of the units that it committed, in order."""

    units: list[str]

    async def write(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_autocommit(work):
            self.units.append(f"{work.__module__}.{work.__name__}")
        return await super().write(work, *args, **kwargs)


@dataclass(frozen=True)
class Done:
    """What one run came to: its answer, what it left in the database and upstream, and the units that it committed."""

    answer: Any
    effect: Counter[str]
    invited: tuple[tuple[str, str], ...]
    units: tuple[str, ...]

    def worth_cutting(self) -> list[int]:
        """The first and the last commit of each unit, as far as it stores what was asked for."""
        numbers: dict[str, set[int]] = {}
        for number, unit in enumerate(self.units):
            if unit not in OF_THE_CONVERSATION:
                known = numbers.setdefault(unit, {number})
                numbers[unit] = {min(known), number}
        return sorted(set().union(*numbers.values()))

    def unlike(self, other: Done) -> list[str]:
        """How this run differs from another of the same thing."""
        found = [] if self.answer == other.answer else [f"answered {self.answer}, not {other.answer}"]
        found += [f"too much: {one}" for one in (self.effect - other.effect)]
        found += [f"lacking: {one}" for one in (other.effect - self.effect)]
        if self.invited != other.invited:
            found.append(f"invited {self.invited}, not {other.invited}")
        return found


class CutHouse:
    """One situation on PostgreSQL, done to again and again with a commit cut each time."""

    def __init__(self, url: str, folder: Path) -> None:
        self._stage = Stage(url, folder)
        self._backups = str(folder / "backups")
        target = sa.make_url(url)
        self._proxy = CuttingProxy(target.port or 0, seed=1)
        self._target = target
        self._database: NotingDatabase | None = None

    async def __aenter__(self) -> Self:
        await self._proxy.__aenter__()
        self._database = NotingDatabase(str(self._target.set(port=self._proxy.port)), connections=4, slow=60.0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._database is not None:
            await self._database.close()
        await self._proxy.__aexit__(None, None, None)
        await self._stage.close()

    async def keep(self, build: Callable[[World], Awaitable[None]]) -> None:
        """Build the house and keep a picture of it."""
        await self._stage.keep("kept", build)

    async def run(
        self, doing: Doing, *, cut: int | None = None, lost: bool = False, later: Callable[[World], Any] | None = None
    ) -> Done:
        """Do it in the house as it was kept. The commit number `cut`, counted from 0, is carried out and not answered,
        or with `lost` does not arrive. What comes `later` is not cut, and blurs what is compared."""
        proxy = self._proxy
        async with self._stage.put_back("kept") as world, HttpClient(Limits(connect=1, total=1)) as http:
            core, database = self._core(world, http)
            await core.shapes()
            database.units = []
            if cut is not None:
                proxy.spare, proxy.cut_next, proxy.lose_commits = cut, 1, lost
            answer = await doing(world, core)
            assert not proxy.cut_next, f"commit {cut} never came"
            units = tuple(database.units)
            if later is not None:
                await later(world)
            effect = await world.core.read(_what_is_there)
            if later is not None:
                effect = Counter(_BLUR.sub("#", one) for one in effect.elements() if not one.startswith("notices:"))
            return Done(answer, effect, tuple(sorted(world.upstream.created)), units)

    def _core(self, world: World, http: HttpClient) -> tuple[Core, NotingDatabase]:
        assert self._database is not None
        given = {"sso": {"linuxdo": SITE}, "gateway": SERVED, "backups": {"directory": self._backups}}
        settings = settings_for(str(self._target), transfers={"grace_hours": 1}, **given)
        vault = Vault({"k1": KEY}, "k1")
        database = self._database
        core = Core(settings, database, vault, http, world.clock, lambda place, _: Adapter(world.upstream, place))
        parent = Obliging()
        core.parent = lambda _: parent  # type: ignore[method-assign, assignment]
        return core, database


class Obliging:
    """A parent of subaccounts that makes each one that it is asked for, and knows what it made."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}
        self._numbers = count(1)

    async def create(self, name: str) -> Made:
        reference = f"sub-{next(self._numbers)}"
        self.made[reference] = name
        return Made(reference, f"sk-{reference}")

    async def named(self, name: str) -> Listing[Existing]:
        return Listing(tuple(one for one in (await self.all()).items if one.name == name))

    async def all(self) -> Listing[Existing]:
        return Listing(tuple(Existing(reference, name) for reference, name in self.made.items()))

    async def revoke(self, reference: str) -> Ended:
        self.made.pop(reference, None)
        return Ended()


SITE = {
    "client_id": "usher",
    "client_secret": "secret",
    **{name: f"https://x.example/{name}" for name in ("authorize", "token", "user_info")},
}
LINKED_ELSEWHERE = (
    "INSERT INTO outside_links (site, subject, person_id, facts, linked_at, seen_at) "
    "SELECT 'linuxdo', '1', person_id, '{{}}', now(), now() FROM identities WHERE identity = '{}'"
)
"""Somebody is linked with the site."""
SERVED = {"enabled": True, "public_url": "https://usher.example"}


def _what_is_there(tx: sa.Connection) -> Counter[str]:
    """Every row, without what no two runs have in common: numbers, ciphertexts and nonces."""
    return Counter(f"{name}: {_plain(row)}" for name, row in tx.exec_driver_sql(_everything()))


@cache
def _everything() -> str:
    """One statement for all tables, as there are many of them and little in each."""
    parts = []
    for table in metadata.sorted_tables:
        if table.name not in PASSING:
            left_out = [column.name for column in table.c if _is_a_number_of_a_row(column) or _is_secret(column)]
            names = ",".join(f"'{name}'" for name in left_out)
            parts.append(f"SELECT '{table.name}', (to_jsonb(x) - ARRAY[{names}]::text[])::text FROM {table.name} x")
    return " UNION ALL ".join(parts)


def _is_a_number_of_a_row(column: sa.Column[Any]) -> bool:
    numbered = isinstance(column.type, sa.Integer)
    return numbered and (column.primary_key or bool(column.foreign_keys) or column.name.endswith("_id"))


def _is_secret(column: sa.Column[Any]) -> bool:
    """Columns that are drawn by lot, or made from what was."""
    return isinstance(column.type, sa.LargeBinary) or column.name in {"last4", "code_last4", "claim", "reference"}


_DRAWN = re.compile(r'(?<=[":])\d+(?=[",:}])|(?<="code": )"\w+"|(?<=: )\d+(?:\.\d+)?(?=[,}])')
_IN_JSON = (
    "after",
    "before",
    "facts",
    "arguments",
    "payload",
    "subject",
    "dedupe",
    "request_key",
    "value",
    "fingerprint",
)


def _plain(row: str) -> str:
    """A row without the numbers of other rows, and the codes, that JSON and keys hold; figures of its own stay."""
    given = json.loads(row)
    for name in _IN_JSON:
        if name in given:
            given[name] = _DRAWN.sub("#", json.dumps(given[name]))
    if given.get("channel") == "hook":
        given["recipient"] = _SUBJECT.sub("#", given["recipient"])
    return _PSEUDONYM.sub("erased:#", json.dumps(given, sort_keys=True, ensure_ascii=False))


_SUBJECT = re.compile(r"(?<=:)\d+$")
"""The number of what an event is about."""
_PSEUDONYM = re.compile(r"erased:\w+")
_BLUR = re.compile(r'\d{4}-\d\d-\d\dT[\d:.+]+|"sends": \d+|"unclear_since": (null|"[^"]*")')
"""What may differ when recovery has done it, who asks once more, and tells whoever was told that it was not clear."""


OPERATORS = {
    **{f"team {name}": f"{name}team" for name in ("add", "enable", "disable", "remove")},
    **{f"job {name}": command for name, command in (("start", "remove"), ("cancel", "jobs"), ("retry", "retry"))},
    **{f"alert {name}": name for name in ("resolve", "mute", "check")},
    **{f"code {name}": name for name in ("generate", "enable", "disable", "export")},
    **{f"lease {name}": name for name in ("extend", "end", "settle", "resend", "note")},
    **{f"lock {name}": "locks" for name in ("lift", "ban", "unban")},
    **{f"staff {name}": "staff" for name in ("grant", "revoke", "token")},
    **{f"sweep {name}": "sweep" for name in ("run", "pause", "resume", "confirm")},
    **{f"pool {name}": "pool" for name in ("add", "set")},
    **{f"model {name}": "models" for name in ("add", "edit")},
    **{f"plan {name}": "plans" for name in ("add", "edit")},
    **{
        f"source {name}": "sources"
        for name in ("enable", "disable", "remove", "check", "import", "lend", "edit", "give")
    },
    **{f"hook {name}": "hooks" for name in ("add", "test", "pause", "resume", "remove")},
    **{f"key {name}": "keys" for name in ("new", "edit", "pause", "resume", "revoke")},
    "redeem": "redeem",
    "grant": "grant",
    "team import": "import",
    "team set": "editteam",
    "team sync": "sync",
    "team cleanup": "cleanup",
    "transfer start": "transfer",
    "transfer retry": "transfer",
    "code rotate-keys": "rotate",
    "lease invite": "invite",
    "lease adopt": "adopt",
    "settings": "settings",
    "sweep protect": "protect",
    **{f"request {name}": "requests" for name in ("approve", "decline")},
}
"""The operator's commands that ask the core for what a chat's command asks for."""
NO_UNIT = frozenset(
    "init demo chat run sandbox service completion commands ask status doctor verify stats find redemptions removals"
    " audit money wallet".split()
) | {
    "alert subscriptions",
    "call stop",
    "source given",
    "db upgrade",
    "db check",
    "db backup",
    "db backups",
    "db restore",
    "db reconcile",
    "db release",
    "db drill",
    "db copy",
}
"""Those that read, serve, or have a key or a file of their own."""
