"""`usher source`: the accounts behind the models."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, CommandRefused, Rows, invocation
from admin_cli.session import actor, opened, read_text

if TYPE_CHECKING:
    from core.sources.report import SourceLine

app = App(name="source", help="Sources: the accounts behind the models.", help_format="plaintext")


@app.command(name="import")
async def import_(
    file: Annotated[Path, Parameter(help="One source a line, as JSON; - reads standard input.")],
    *,
    yes: Annotated[bool, Parameter(help="Store without asking.", negative="")] = False,
    owner: Annotated[str | None, Parameter(help="Whose own they are, such as telegram:42; else the house's.")] = None,
) -> CommandAnswer:
    """Show what a file of sources holds and, confirmed, store it; an account that is here already is brought up to date.

    Example: usher source import sources.jsonl --yes
    """
    from core.credit.grants import read_identity
    from core.sources.sources import import_sources

    lines = read_text(file).splitlines()
    whose = read_identity(owner) if owner else None
    async with opened() as core:
        found = await import_sources(core, actor(), lines, apply=False)
        apply = bool(found.created or found.updated) and (yes or _confirmed(len(found.created), len(found.updated)))
        done = await import_sources(core, actor(), lines, apply=True, owner=whose) if apply else found
    invalid = [{"line": line, "reason": reason, "field": field} for line, reason, field in done.invalid]
    counts = {"created": len(done.created), "updated": len(done.updated)}
    if not apply:
        counts = {"created": 0, "updated": 0, "new": len(found.created), "known": len(found.updated)}
    shown = [
        words.said(
            "{created} created, {updated} updated, {invalid} invalid.",
            created=counts["created"],
            updated=counts["updated"],
            invalid=len(invalid),
        ),
        *(
            words.said("Line {line}: {why} ({field})", line=one["line"], why=_why(one), field=one["field"])
            if one["field"]
            else words.said("Line {line}: {why}", line=one["line"], why=_why(one))
            for one in invalid
        ),
    ]
    if not apply and (found.created or found.updated):
        shown.append(words.said("Nothing was stored; --yes stores it."))
    ok = apply or (not yes and not invalid)
    names = {"sources": [*done.created, *done.updated]}
    return CommandAnswer({"applied": apply, **counts, **names, "invalid": invalid}, shown, DONE if ok else REFUSED)


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show the sources with their places, health and models.

    Example: usher source list
    """
    from core.sources.report import source_list

    async with opened() as core:
        found = await source_list(core, actor())
    headers = ("source", "whose", "tier", "group", "busy", "health", "enabled", "paused until", "models", "last error")
    rows = [
        (one.name, one.owner or words.said("the house"), one.tier, one.limit_group, f"{one.busy}/{one.concurrency}", one.health,
         one.enabled, one.paused_until, ", ".join(offer.model for offer in one.models), one.last_error)
        for one in found
    ]  # fmt: skip
    return CommandAnswer({"sources": [document(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def show(name: str) -> CommandAnswer:
    """Show one source with what is left of its quotas.

    Example: usher source show main
    """
    from core.sources.report import source_page

    async with opened() as core:
        found = document(await source_page(core, actor(), name))
    models = [
        (one["model"], one["upstream_name"], one["fraction"], one["resets_at"], one["enabled"])
        for one in found["models"]
    ]
    facts = [(key, value) for key, value in found.items() if key != "models"]
    tables = [
        Rows(("what", "is"), words.listed(facts)),
        Rows(("model", "called there", "left", "resets", "enabled"), models),
    ]
    return CommandAnswer(found, tables)


@app.command
async def enable(*names: str) -> CommandAnswer:
    """Let sources be asked again.

    Example: usher source enable main
    """
    return await _set_enabled(names, True)


@app.command
async def disable(*names: str) -> CommandAnswer:
    """Ask sources nothing more; their running answers end within seconds.

    Example: usher source disable main
    """
    return await _set_enabled(names, False)


@app.command
async def edit(
    name: str,
    *,
    weight: Annotated[int | None, Parameter(help="How often it is drawn by lot, beside the others.")] = None,
    concurrency: Annotated[int | None, Parameter(help="Calls at once.")] = None,
    rpm: Annotated[int | None, Parameter(help="Requests a minute; 0 for no limit.")] = None,
    tpm: Annotated[int | None, Parameter(help="Tokens a minute; 0 for no limit.")] = None,
    daily_budget: Annotated[str | None, Parameter(help="Credit a day; 0 for no limit.")] = None,
    tier: Annotated[Literal["free", "paid"] | None, Parameter(help="What kind of account it is.")] = None,
    limit_group: Annotated[str | None, Parameter(help="Accounts that share one limit; empty for none.")] = None,
    model: Annotated[str | None, Parameter(help="The model that --on or --off is about.")] = None,
    on: Annotated[bool | None, Parameter(negative=("--off", "--no-on"), help="Whether it is used for --model.")] = None,
) -> CommandAnswer:
    """Change a source's limits, or switch one of its models.

    Example: usher source edit main --concurrency 8
    Example: usher source edit main --model large --off
    """
    from core.rules.money import read_amount
    from core.sources.report import source_page
    from core.sources.sources import change_offer, change_source

    changes: dict[str, Any] = {"weight": weight, "concurrency": concurrency, "tier": tier, "limit_group": limit_group}
    changes = {key: value for key, value in changes.items() if value is not None}
    changes |= {key: value or None for key, value in {"rpm": rpm, "tpm": tpm}.items() if value is not None}
    if daily_budget is not None:
        changes["daily_budget"] = read_amount(daily_budget, least=0, name="daily_budget") or None
    if (model is None) != (on is None) or not (changes or model):
        raise CommandRefused("usage", words.said("What shall be changed?"), 2)
    async with opened() as core:
        if model is not None and on is not None:
            await change_offer(core, actor(), name, model, on)
        if changes:
            await change_source(core, actor(), name, **changes)
        found = document(await source_page(core, actor(), name))
    return CommandAnswer(found, [words.said("{name} is changed.", name=name)])


@app.command
async def credential(
    name: str, file: Annotated[Path, Parameter(help="A file that holds the new key alone; - is standard input.")]
) -> CommandAnswer:
    """Give a source a new key; it is well again until it proves otherwise.

    Example: usher source credential north new-key.txt
    """
    from core.models.source_lines import SourceUnreadable
    from core.sources.sources import replace_credential

    key = read_text(file)
    async with opened() as core:
        try:
            await replace_credential(core, actor(), name, key)
        except SourceUnreadable as fault:
            why = words.reason(fault.reason_key)
            said = words.said("{name} keeps its key; the new one is not usable: {why}", name=name, why=why)
            raise CommandRefused("source_unreadable", said) from fault
    return CommandAnswer({"source": name, "replaced": True}, [words.said("{name} has a new key.", name=name)])


@app.command
async def remove(name: str) -> CommandAnswer:
    """Take a source out for good: its credential is forgotten, its calls stay.

    Example: usher source remove main
    """
    from core.sources.sources import remove_source

    async with opened() as core:
        await remove_source(core, actor(), name)
    return CommandAnswer({"source": name, "removed": True}, [words.said("{name} is gone.", name=name)])


@app.command
async def lend(
    name: str,
    *,
    as_: Annotated[str, Parameter(name="--as", help="Whose account it is, such as telegram:42.")],
    back: Annotated[bool, Parameter(help="Take it back instead.", negative="")] = False,
) -> CommandAnswer:
    """Lend somebody's own account to everybody in their name, or take it back; only where sources.lending is on.

    Example: usher source lend annas --as telegram:123456789
    """
    from core.credit.grants import read_identity
    from core.sources import sources

    async with opened() as core:
        await sources.lend(core, read_identity(as_), name, not back)
    said = (
        words.said("{name} is its owner's alone again.", name=name)
        if back
        else words.said("{name} answers for everybody.", name=name)
    )
    return CommandAnswer({"source": name, "shared": not back}, [said])


@app.command
async def give(
    name: Annotated[str, Parameter(help="The source that makes it.")],
    *,
    to: Annotated[str, Parameter(help="Whom, such as telegram:42.")],
) -> CommandAnswer:
    """Have a source make an account for a person, once; asked again, say what became of it.

    A line of `usher source import` says in `subaccounts` how a source makes them.

    Example: usher source give main --to telegram:123456789
    """
    from core.credit.grants import read_identity
    from core.sources import subaccounts

    async with opened() as core:
        given = await subaccounts.give(core, actor(), name, to=read_identity(to))
    said = (
        words.said("{person} has {source}.", person=to, source=given.source)
        if given.state == "ready"
        else words.said("The account is not confirmed yet; it is asked for until it is.")
    )
    return CommandAnswer({"person": to, **asdict(given)}, [said], DONE if given.state == "ready" else REFUSED)


@app.command
async def given(name: Annotated[str | None, Parameter(help="Only by this source.")] = None) -> CommandAnswer:
    """Show the accounts that sources have made for people.

    Example: usher source given main
    """
    from core.sources.report import parent_list, subaccount_list

    async with opened() as core:
        makers = await parent_list(core, actor(), name)
        found = await subaccount_list(core, actor(), name)
    facts = {"parents": [asdict(one) for one in makers], "subaccounts": [asdict(one) for one in found]}
    by = [(one.name, one.adapter, one.for_all, one.ready, one.under_way) for one in makers]
    rows = [(one.source, one.person, one.parent, one.name, one.state, one.reason, one.created_at) for one in found]
    tables = [
        Rows(("source", "protocol", "for all", "ready", "under way"), by),
        Rows(("account", "whose", "made by", "called there", "is", "because", "since"), rows),
    ]
    return CommandAnswer(facts, tables)


@app.command
async def check(*names: Annotated[str, Parameter(help="Which; else all.")]) -> CommandAnswer:
    """Read what accounts offer, now: their models, quotas, and whether their credential works.

    Example: usher source check main
    """
    from core.sources.report import source_list
    from core.sources.sources import source_named
    from core.sources.sweep import read_source

    async with opened() as core:
        wanted = names or [one.name for one in await source_list(core, actor())]
        results = [
            {"source": name, "result": await read_source(core, await core.read(source_named, name))} for name in wanted
        ]
    rows = [(one["source"], one["result"]) for one in results]
    well = all(one["result"] == "read" for one in results)
    return CommandAnswer({"results": results}, [Rows(("source", "is"), rows)], DONE if well else REFUSED)


async def _set_enabled(names: tuple[str, ...], enabled: bool) -> CommandAnswer:
    from core.sources.sources import change_source, source_named

    if not names:
        raise CommandRefused("usage", words.said("Which source?"), 2)
    async with opened() as core:
        for name in names:  # all of them or none
            await core.read(source_named, name)
        for name in names:
            await change_source(core, actor(), name, enabled=enabled)
    said = [
        words.said("{name} can be asked.", name=name)
        if enabled
        else words.said("{name} is asked nothing more.", name=name)
        for name in names
    ]
    return CommandAnswer({"sources": list(names), "enabled": enabled}, said)


def _why(invalid: dict[str, Any]) -> str:
    return words.reason(str(invalid["reason"]), invalid)


def _confirmed(new: int, known: int) -> bool:
    if invocation.get().json or not sys.stdin.isatty():
        return False
    asked = words.said("{new} new sources, {known} known ones. Store them?", new=new, known=known)
    return input(f"{asked} [y/N] ").strip().lower() in {"y", "yes"}


def document(source: SourceLine) -> dict[str, Any]:
    """A source for scripts."""
    from core.rules.money import amount_text

    facts = asdict(source)
    if facts["daily_budget"] is not None:
        facts["daily_budget"] = amount_text(facts["daily_budget"])
    return facts
