"""The shape of a command: a name, a role, arguments and the plain function that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from bots.commands.request import Request
from bots.messages.reply import Reply
from core.actors import Role
from core.service import Core
from core.settings import Settings

ArgumentKind: TypeAlias = Literal[
    "text",  # str, cleaned of invisible characters
    "address",  # core.rules.addresses.Address
    "addresses",  # tuple of Address
    "codes",  # tuple of core.rules.codes.CodeText
    "code",  # one CodeText
    "number",  # int within low and high
    "choice",  # one of `choices`
    "flag",  # True when its name is written
    "term",  # core.rules.terms.Term: 1 month, 30d, 24h, unlimited
    "moment",  # datetime, UTC: 2026-12-31, 2026-12-31 18:00, 30d (from now)
    "pool",  # a name, completed from the pools
    "team",  # a name, completed from the teams
    "batch",  # the number of a batch
    "document",  # the text of an attached file, or pasted
    "token",  # a secret that is never shown again
]

Group: TypeAlias = Literal[
    "seats",
    "talk",
    "credit",
    "account",
    "figures",
    "codes",
    "people",
    "teams",
    "models",
    "alerts",
    "operations",
    "staff",
]
"""The heading that /help lists a command under; also the sub-command group where a platform has such."""

GROUPS: tuple[Group, ...] = get_args(Group)
"""The headings in their order."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One thing a command needs to know.

    In one line it is given by place, as `name=value`, as `--name value`, or, with `word`, as `name value`. What is
    `required` and missing is asked for (text `ask-COMMAND-NAME`, else `ask-NAME`). `rest` takes all that is left
    of the line; `prose` is what somebody writes for others, in which `a=b` is text and no option, and `whole` keeps every
    space and line of it. A text has at most `high` characters. `aliases` are other names that it is known by in a line,
    `also` other words for its choices. An address that `invites` is asked about when it looks mistyped. `page` of a
    list is an ordinary optional number.
    """

    name: str
    kind: ArgumentKind = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    default: Any = None
    word: bool = False
    rest: bool = False
    prose: bool = False
    whole: bool = False
    invites: bool = False
    aliases: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    spelled: str = ""
    """How it is written where its name cannot be Python's: `for`."""

    @property
    def written(self) -> str:
        """The name that people write."""
        return self.spelled or self.name


First: TypeAlias = Callable[[Core, Request, Mapping[str, str]], Awaitable[Reply | None]]
"""`async def first(core, request, values) -> Reply | None`, with the texts that were given so far."""
OfferedButtons: TypeAlias = Callable[[Core], Awaitable[bool]]
"""`async def offered(core) -> bool`: is there anything that the command would show?"""
Handler: TypeAlias = Callable[..., Awaitable[Reply]]
"""`async def handler(core, request, *, argument: …) -> Reply`, arguments by name, already read."""


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the catalogue.

    public   its answer holds nothing personal, so it may be used in a group
    aloud    values of its `action` with which it may be used in a group, where it is not public otherwise
    aside    public, and still answered for the asker alone where a platform can do that in a group
    once     doing it twice is not the same as doing it once and it has no request key: after a crash in the
             middle the asker is told to look first, instead of it being done again
    hidden   works, but stands in no menu
    harmful  takes something away or cannot be taken back: never suggested to somebody who mistyped another name
    offered  whether it stands in menus and help at present; without it, it does
    always   the role from which on it stands there in any case
    enabled  whether the configuration lets it be of use, and so stand there; without it, it does
    attaches takes a file that is attached, where a platform has an option for that; else what comes along is taken
    first    may answer before the first missing argument is asked for: what is there already may be enough
    Its description is the text `command-NAME`, in at most 100 characters.
    """

    name: str
    role: Role
    handler: Handler
    group: Group
    arguments: tuple[Argument, ...] = ()
    public: bool = False
    aloud: frozenset[str] = frozenset()
    aside: bool = False
    once: bool = False
    hidden: bool = False
    harmful: bool = False
    attaches: bool = False
    aliases: tuple[str, ...] = ()
    first: First | None = None
    offered: OfferedButtons | None = None
    always: Role | None = None
    enabled: Callable[[Settings], bool] | None = None

    def is_public(self, values: Mapping[str, Any]) -> bool:
        """May it be used in a group with these arguments?"""
        return self.public or str(values.get("action", "")).strip().casefold() in self.aloud

    def argument(self, name: str) -> Argument | None:
        """The argument of that name."""
        return next((argument for argument in self.arguments if name in {argument.name, argument.written}), None)


async def offered_of(core: Core, role: Role, commands: Iterable[Command]) -> list[Command]:
    """Those that stand in menus and help of `role` at present. What several of them depend on is asked once."""
    listed = [one for one in commands if not one.hidden and (one.enabled is None or one.enabled(core.settings))]
    asks = [None if one.always is not None and role >= one.always else one.offered for one in listed]
    holds = {asked for asked in set(asks) if asked is None or await asked(core)}
    return [one for one, asked in zip(listed, asks, strict=True) if asked in holds]
