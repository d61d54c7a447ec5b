"""`usher db`: the schema and what holds it."""

from __future__ import annotations

from cyclopts import App

from admin_cli.output import DONE, REFUSED, UNAVAILABLE, Answer, Rows
from admin_cli.session import settings

app = App(name="db", help="The database: upgrade, check.", help_format="plaintext")


@app.command
async def upgrade() -> Answer:
    """Bring the database to the schema that this version needs; an empty one is created.

    Example: usher db upgrade
    """
    import asyncio

    from sqlalchemy import make_url

    from core.errors import Misconfigured
    from core.storage import migrate

    url = settings().database.url
    shown = make_url(url).render_as_string(hide_password=True)
    before = await asyncio.wait_for(_present(url), 60)
    try:
        await migrate.upgrade_database(url)
    except OSError as error:
        raise Misconfigured(faults=[f"the database {shown} cannot be reached ({type(error).__name__})"]) from error
    said = "was up to date already" if before == migrate.HEAD else f"is now at {migrate.HEAD}"
    return Answer({"database": shown, "before": before, "revision": migrate.HEAD}, [f"The database {shown} {said}."])


@app.command
async def check() -> Answer:
    """Say whether the database can be reached, has the right schema and is intact.

    Example: usher db check
    """
    from sqlalchemy import make_url

    from core.storage import migrate
    from core.storage.health import examine

    chosen = settings()
    shown = make_url(chosen.database.url).render_as_string(hide_password=True)
    found = await examine(chosen.database.url)
    document = {
        "database": shown,
        "reachable": found.reachable,
        "revision": found.revision,
        "wanted": migrate.HEAD,
        "intact": found.intact,
        "megabytes": found.megabytes,
        "faults": found.faults,
    }
    code = DONE if not found.faults else (REFUSED if found.reachable else UNAVAILABLE)
    rows = [(key, "; ".join(value) or "none" if isinstance(value, list) else value) for key, value in document.items()]
    return Answer(document, [Rows(("what", "is"), rows)], code)


async def _present(url: str) -> str | None:
    from core.storage.health import examine

    return (await examine(url)).revision
