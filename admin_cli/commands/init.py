"""`usher init`: from nothing to a working configuration and database."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from admin_cli import output, started, words
from admin_cli.output import CommandAnswer, CommandRefused

if TYPE_CHECKING:
    from datetime import datetime

TEMPLATE = """\
# Usher's configuration. "usher init --print-example" explains every setting; what is not here has its default.
# This file holds secrets: keep it private, and keep a copy. Without the key below no code can be read any more.

[database]
url = {url}

[vault]
active = "k1"

[vault.keys]
k1 = {key}

[upstream]
# Where "usher sandbox" serves. Take it out once there are real workspaces: whoever may add a team can have Usher speak to
# any program on this machine that listens there.
private_hosts = ["127.0.0.1"]

# [telegram]
# token = "from @BotFather"

# [discord]
# token = "from the developer portal"

# [staff]
# owners = ["telegram:123456789"]
"""


async def init(
    *,
    dir: Annotated[Path, Parameter(name="--dir", help="Where the configuration goes.")] = Path(),  # noqa: A002 - the option's name
    database: Annotated[
        str | None, Parameter(help="A SQLite or PostgreSQL URL; SQLite beside the file by default.")
    ] = None,
    print_key: Annotated[bool, Parameter(help="Only print a fresh key for vault.keys.", negative="")] = False,
    print_example: Annotated[
        bool, Parameter(help="Only print config.example.toml: every setting.", negative="")
    ] = False,
) -> CommandAnswer:
    """Write DIR/config.toml with fresh secrets, readable by you only, and create the database.

    Example: usher init --dir /etc/usher --database postgresql://usher@localhost/usher
    """
    from core.vault import fresh_key

    if print_key:
        key = fresh_key()
        return CommandAnswer({"key": key}, [key])
    if print_example:
        example = _example()
        return CommandAnswer({"example": example}, [example.rstrip("\n")])
    path = (dir / "config.toml").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    url = database or "sqlite+aiosqlite:///usher.db"
    _write_private(path, TEMPLATE.format(url=_quoted(url), key=_quoted(fresh_key())))
    try:
        shown = await _create_schema(path)
        token, until = await _owner_token(path)
    except BaseException:
        path.unlink(missing_ok=True)  # a second try must not meet half of the first
        raise
    again = _command_for(path)
    return CommandAnswer(
        {"config": str(path), "database": shown, "owner_token": token, "owner_token_until": until.isoformat()},
        [
            words.said("Wrote {path} and created the database {shown}.", path=path, shown=shown),
            words.said("Next: put a Telegram or Discord token into it, import teams with"),
            f"  {again} team import sessions.jsonl --yes",
            words.said("and start everything with"),
            f"  {again} run",
            "",
            words.said("You become its owner with this token. It works once, for a day: write to your bot"),
            f"  /claim {token}",
            words.said(
                'or open https://t.me/YOUR_BOT?start={token} (as long as it has no owner, "{run}" shows the whole link)',
                token=token,
                run=f"{again} run",
            ),
        ],
    )


def _command_for(path: Path) -> str:
    """How Usher is started with this configuration, as it can be typed where `init` was."""
    return started.with_config(None if path == Path("config.toml").resolve() else path)


async def _owner_token(path: Path) -> tuple[str, datetime]:
    """A one-time token for the first owner, whose number nobody has to look up. Returns it and when it expires."""
    from admin_cli.session import actor, opened
    from core.actors import Role
    from core.people import people
    from core.settings import load_settings

    async with opened(load_settings(path)) as core:
        return await people.issue_token(core, actor(), Role.OWNER)


def _example() -> str:
    """The file in which every setting is explained: in the wheel beside the program, in a clone at its top."""
    package = files("admin_cli")
    inside = package / "serving" / "config.example.toml"
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    return (Path(str(package)).parent / "config.example.toml").read_text(encoding="utf-8")


async def _create_schema(path: Path) -> str:
    from sqlalchemy import make_url

    from core.errors import Misconfigured
    from core.settings import load_settings
    from core.storage.migrate import upgrade_database

    settings = load_settings(path)
    shown = make_url(settings.database.url).render_as_string(hide_password=True)
    try:
        await upgrade_database(settings.database.url)
    except Misconfigured:
        raise
    except Exception as error:
        fault = words.said(
            "the database {name} cannot be reached ({why}); check that it runs and its URL",
            name=shown, why=error if isinstance(error, OSError) else type(error).__name__,
        )  # fmt: skip
        raise Misconfigured(faults=[fault]) from error
    return shown


def _write_private(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise CommandRefused(
            "config_exists",
            words.said(
                "{path} exists already and holds secrets, so it is left alone. Choose another --dir.", path=path
            ),
            output.REFUSED,
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    import json

    return json.dumps(text)
