"""`Core`: the one composition root. Everything else takes it as its first argument."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar
from weakref import WeakValueDictionary

import sqlalchemy as sa
import structlog

from core import budgets
from core.budgets import Budget, OverBudget
from core.clock import Clock
from core.errors import Busy, Misconfigured
from core.models.oauth import Identity, NotProved, Site, identify
from core.models.protocol import Account, Bounds, Upstream
from core.models.subaccounts.protocol import Parent, ParentAccount
from core.network import named_hosts, proxy_for
from core.providers.closed import Closed
from core.providers.http import HttpClient, HttpReply, Limits
from core.providers.pacing import Admit, PacedClient
from core.providers.private_places import is_loopback
from core.providers.protocol import Failure, Provider, Workspace
from core.providers.registry import open_provider, properties_of
from core.providers.streams import Exchange
from core.rules import address_patterns, house_texts, setting_rows
from core.rules.codes import DEFAULT_SHAPE, Shape
from core.setting_faults import SettingFault
from core.settings import Settings
from core.storage import migrate
from core.storage import tables as t
from core.storage.database import Database
from core.storage.dialogues import open_dialogues
from core.storage.health import known_cause, unreachable
from core.storage.journal import Journal, directory_for
from core.storage.redis_link import RedisLink
from core.storage.rows import SourceRow, TeamRow
from core.vault import Undecipherable, Vault
from core.waking import Bell

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

OpenProvider: TypeAlias = Callable[[Workspace, HttpClient], Provider]
OpenModel: TypeAlias = Callable[[Account, HttpClient, Bounds], Upstream]

SHAPES_FRESH = 10.0
"""Seconds for which the known shapes of codes are trusted; a pool made by another process is known after that."""

TAKEN_OVER = frozenset(
    "contact shop texts redemption codes limits health sync unauthorised leases transfers waitlist alerts jobs mail log sso talk sources money".split()
)
"""Sections of the settings that are looked up at every use, so that a running process can take them over."""

FOREIGN_CODES = "foreign_codes"
"""The fact that says that there are codes of which only another system's hash is known."""

PATIENCE = 3.0
"""Seconds that a page of a list may wait for its place in the request budget."""


TAKEOVER = 60.0
"""Seconds in which a cluster has another leader: Patroni's `ttl` (30) and `loop_wait` (10) are over, and one has begun."""


class Core:
    """What every action, report and sweep works with: settings, clock, database, vault and the upstreams."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        vault: Vault,
        http: HttpClient,
        clock: Clock,
        open_upstream: OpenProvider = open_provider,
        redis: RedisLink | None = None,
        open_model: OpenModel | None = None,
    ) -> None:
        self.settings = settings
        self.configured = settings
        """Without what staff have set by command."""
        self._rows: dict[str, Any] = {}
        self.database = database
        self.vault = vault
        self.clock = clock
        self.redis = redis
        self.dialogues = open_dialogues(database, vault, clock, redis)
        self._http = http
        self._open_upstream = open_upstream
        self._open_model = open_model
        self._places = asyncio.Semaphore(settings.upstream.concurrency)
        self._team_places: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()
        self._shapes: tuple[Shape, ...] = (DEFAULT_SHAPE,)
        self._shapes_read_at: datetime | None = None
        self.has_foreign_codes = False
        """Are there codes known by another system's hash alone? As of when the shapes were read."""
        self.answers_ended = Bell()
        """Rings where somebody has ended an answer: if it is written in this process, it stops at once."""

    def take_over(self, fresh: Settings) -> tuple[list[str], list[str]]:
        """Go on with what `fresh` changes, as far as it is looked up at every use.

        Returns the names of the sections that were taken over, and of those that wait for the next start. Raises:
        Misconfigured, with nothing changed.
        """
        refuse_unusable(fresh)
        changed = [name for name in Settings.model_fields if getattr(fresh, name) != getattr(self.configured, name)]
        taken = [name for name in changed if name in TAKEN_OVER]
        self.configured = self.configured.model_copy(update={name: getattr(fresh, name) for name in taken})
        self.settings = setting_rows.with_rows(self.configured, setting_rows.usable(self.configured, self._rows))
        return taken, [name for name in changed if name not in TAKEN_OVER]

    async def refresh_settings(self) -> bool:
        """Go by what staff have set by command, here or in another process. True if that has changed."""
        rows = await self.read(_read_setting_rows)
        if rows == self._rows:
            return False
        self._rows = rows
        self.settings = setting_rows.with_rows(self.configured, setting_rows.usable(self.configured, rows))
        return True

    def refuse_rows(self, rows: Mapping[str, Any]) -> None:
        """Return if the settings are usable with `rows` over them. Raises: Misconfigured."""
        refuse_unusable(setting_rows.with_rows(self.settings, rows))

    def now(self) -> datetime:
        """The database's time, UTC."""
        return self.clock.now()

    async def write(self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as one transaction; see `Database.write`."""
        return await self.database.write(work, *args, **kwargs)

    async def read(self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work`, which writes nothing; see `Database.read`."""
        return await self.database.read(work, *args, **kwargs)

    def provider(self, team: TeamRow) -> Provider:
        """The adapter that speaks to a team, from its row. One whose key is gone answers everything with that."""
        try:
            credential = self.vault.decrypt(team.credential, row=credential_row(team.provider, team.external_id))
        except Undecipherable:
            # Raised here it would be the trouble of everybody who meets the team, and not the team's alone.
            log.warning("credential_undecipherable", team=team.id)
            return Closed(properties_of(team.provider))
        workspace = Workspace(team.provider, team.external_id, json.loads(credential), team.base_url)
        return self.open_upstream(workspace, team_id=team.id)

    async def tell(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpReply | Failure:
        """Post `body` (JSON) to another system's address; whatever its answer says is not read."""
        return await self._http.call("POST", url, headers=headers, content=body)

    def fetch(self, url: str, until: float, size: int) -> Exchange:
        """Read what is at `url`, which `refuse_place` was asked about; see `HttpClient.stream`."""
        connect = self.settings.upstream.connect_timeout
        return self._http.stream(url, headers={"Accept": "image/*"}, body=None, connect=connect, until=until, size=size)

    async def prove(self, site: Site, *, code: str, verifier: str, redirect_uri: str) -> Identity | NotProved | Failure:
        """Who somebody is at another site, who came back from there with `code`; see `core.models.oauth.identify`."""
        return await identify(site, self._http, code=code, verifier=verifier, redirect_uri=redirect_uri)

    def refuse_place(self, base_url: str | None) -> str | None:
        """Why no team may be at `base_url`, or None. See `upstream.private_hosts`."""
        return None if base_url is None else self._http.refuse_place(base_url)

    def open_upstream(self, workspace: Workspace, *, team_id: int | None = None) -> Provider:
        """The adapter of a workspace, which need not be a team yet, on a client that keeps to its limits."""
        workspace = self._placed(workspace)
        key = (workspace.provider, workspace.external_id)
        place = self._team_places.get(key)
        if place is None:
            place = self._team_places[key] = asyncio.Semaphore(self.settings.upstream.per_team_concurrency)
        wanted = self.budgets(workspace.provider, workspace.base_url, team_id)
        admit = self._admission(wanted) if wanted else None
        client = PacedClient(self._http, workspace.provider, (place, self._places), admit)
        return self._open_upstream(workspace, client)

    def source(self, source: SourceRow) -> Upstream:
        """The adapter that speaks to a source of models, from its row. Raises: Undecipherable."""
        key = self.vault.decrypt(source.credential, row=source_row(source.adapter, source.fingerprint))
        talk = self.settings.talk
        bounds = Bounds(connect=talk.connect, first_token=talk.first_token, silence=talk.silence, total=talk.longest)
        return self.open_source(Account(source.adapter, source.base_url, key), bounds)

    def open_source(self, account: Account, bounds: Bounds) -> Upstream:
        """The adapter of an account, which need not be a source yet."""
        if self._open_model is None:
            from core.models.registry import open_upstream

            return open_upstream(account, self._http, bounds)
        return self._open_model(account, self._http, bounds)

    def parent(self, parent: Any) -> Parent:
        """The adapter that makes and ends subaccounts, from a parent's row. Raises: Undecipherable."""
        from core.models.registry import open_parent

        key = self.vault.decrypt(parent.credential, row=parent_row(parent.source_id))
        return open_parent(ParentAccount(parent.adapter, parent.base_url, key), self._http)

    def _placed(self, workspace: Workspace) -> Workspace:
        upstream = self.settings.upstream
        usual = {"chatgpt": upstream.chatgpt_base, "openai_admin": upstream.openai_admin_base}.get(workspace.provider)
        if workspace.base_url is not None or usual is None:
            return workspace
        return Workspace(workspace.provider, workspace.external_id, workspace.credential, usual)

    def budgets(self, provider: str, base_url: str | None, team_id: int | None) -> list[Budget]:
        """What requests to a team are counted against. The provider's first: all processes take the rows in one order."""
        upstream = self.settings.upstream
        declared = 0 if is_loopback(base_url) else properties_of(provider).requests_per_minute
        wanted = [Budget(provider, upstream.provider_budgets.get(provider, 0))]
        if team_id is not None:
            wanted.append(Budget(provider, upstream.team_budgets.get(provider, declared), team_id))
        return [budget for budget in wanted if budget.limit]

    def _admission(self, wanted: Sequence[Budget]) -> Admit:
        async def admit(patient: bool) -> float | None:
            waited = 0.0
            while True:
                try:
                    await self.write(budgets.claim_request, wanted, self.now())
                except OverBudget as over:
                    waited += over.soon
                    if patient and waited <= PATIENCE:
                        await asyncio.sleep(over.soon)
                        continue
                    until = self.now() + timedelta(seconds=over.wait)
                    await self.write(budgets.pass_over, over.spent, until)
                    return over.wait
                return None

        return admit

    async def shapes(self) -> tuple[Shape, ...]:
        """The shapes of codes that exist: one per pool, and those of imported codes."""
        read_at = self._shapes_read_at
        if read_at is None or (self.now() - read_at).total_seconds() > SHAPES_FRESH:
            self._shapes, self.has_foreign_codes = await self.read(_read_shapes)
            self._shapes_read_at = self.now()
        return self._shapes

    def forget_shapes(self) -> None:
        """A pool or an import has changed them: read them again at the next use."""
        self._shapes_read_at = None

    async def set_clock(self) -> None:
        """Take the database's time over."""
        self.clock.set(await self.database.now())


def credential_row(provider: str, external_id: str) -> str:
    """What a team's credential is bound to."""
    return f"teams:{provider}:{external_id}:credential"


def source_row(adapter: str, fingerprint: bytes) -> str:
    """What a source's credential is bound to."""
    return f"sources:{adapter}:{bytes(fingerprint).hex()}:credential"


def parent_row(source_id: int) -> str:
    """What the credential of a source that makes subaccounts is bound to."""
    return f"parents:{source_id}:credential"


def answer_row(request_key: str) -> str:
    """What a call's answer is bound to."""
    return f"calls:{request_key}:answer"


def beside_row(request_key: str) -> str:
    """What came along with a call's answer is bound to."""
    return f"calls:{request_key}:beside"


def hook_row(reference: str) -> str:
    """What the secret of an address for events is bound to."""
    return f"hooks:{reference}:secret"


def code_row(digest: bytes) -> str:
    """What a code's ciphertext is bound to."""
    return f"codes:{digest.hex()}:cipher"


@asynccontextmanager
async def open_core(
    settings: Settings,
    *,
    clock: Clock | None = None,
    open_upstream: OpenProvider = open_provider,
    open_model: OpenModel | None = None,
) -> AsyncIterator[Core]:
    """Open everything, check that the schema is the present one, and close everything again.

    A Redis that is away stops nothing. Raises: Misconfigured if the database cannot be reached or has another schema.
    """
    refuse_unusable(settings)
    vault = Vault({name: key.get_secret_value() for name, key in settings.vault.keys.items()}, settings.vault.active)
    database = Database(
        settings.database.url,
        connections=settings.database.connections,
        lock_timeout=settings.database.lock_timeout,
        slow=settings.database.slow_statement,
        journal=_journal(settings, vault),
    )
    redis = None if settings.redis.url is None else RedisLink(settings.redis.url, settings.redis.timeout)
    upstream = settings.upstream
    limits = Limits(connect=upstream.connect_timeout, total=upstream.timeout)
    route = partial(proxy_for, settings, "upstream")
    http = HttpClient(limits, upstream.contact, upstream.ca_file, route, named_hosts(settings))
    core = Core(settings, database, vault, http, clock or Clock(), open_upstream, redis, open_model)
    try:
        await _refuse_wrong_schema(core)
        await core.set_clock()
        await core.refresh_settings()
        yield core
    finally:
        if redis is not None:
            await redis.close()
        await http.aclose()
        await database.close()


def refuse_unusable(settings: Settings) -> None:
    """Return, unless a list has an entry that can never match, or a text a place that nothing fills.

    Raises: Misconfigured.
    """
    lists = {
        "redemption.allowed_domains": settings.redemption.allowed_domains,
        "redemption.blocked": settings.redemption.blocked,
    }
    faults: list[str] = [
        SettingFault('{name}: "{entry}" {why}', name=name, entry=entry, why=why)
        for name, entries in lists.items()
        for entry in entries
        if (why := address_patterns.fault_of(entry)) is not None
    ]
    faults += house_texts.faults_of(settings.texts)
    if faults:
        raise Misconfigured(faults=faults)


def _journal(settings: Settings, vault: Vault) -> Journal | None:
    directory = directory_for(sa.make_url(settings.database.url), settings.journal.directory)
    return None if directory is None or not settings.journal.enabled else Journal(directory, vault)


async def _refuse_wrong_schema(core: Core) -> None:
    shown = core.database.url.render_as_string(hide_password=True)
    try:
        revision = await _revision(core)
    except Misconfigured:
        raise
    except Exception as error:
        raise Misconfigured(faults=[known_cause(core.database.url, error) or unreachable(shown, error)]) from error
    if revision is None:
        raise Misconfigured(
            faults=[SettingFault('the database {name} is empty; "usher db upgrade" creates it', name=shown)]
        )
    if revision != migrate.HEAD:
        old = 'the database {name} is at schema {revision}, Usher needs {head}; run "usher db upgrade"'
        raise Misconfigured(faults=[SettingFault(old, name=shown, revision=revision, head=migrate.HEAD)])


async def _revision(core: Core) -> str | None:
    """The schema's revision. Where there are several hosts, a failover under way is waited for; one host answers or not."""
    patience = TAKEOVER if len(core.database.url.query.get("host", ())) > 1 else 0.0
    until = time.monotonic() + patience
    while True:
        try:
            return await core.read(migrate.present_revision)
        except Busy:
            if time.monotonic() >= until:
                raise
            log.warning("database_awaited", seconds=patience)
            await asyncio.sleep(1)


def _read_setting_rows(tx: sa.Connection) -> dict[str, Any]:
    return {row.name: row.value for row in tx.execute(sa.select(t.setting_rows.c.name, t.setting_rows.c.value))}


def _read_shapes(tx: sa.Connection) -> tuple[tuple[Shape, ...], bool]:
    rows = tx.execute(sa.select(t.pools.c.prefix, t.pools.c.groups).distinct())
    native = [Shape(row.prefix, (4,) * row.groups) for row in rows]
    stored = tx.execute(sa.select(t.imported_shapes.c.shape)).scalars()
    shapes = (*(native or [DEFAULT_SHAPE]), *(Shape.from_stored(text) for text in stored))
    return shapes, tx.execute(sa.select(sa.exists().where(t.facts.c.name == FOREIGN_CODES))).scalar_one()
