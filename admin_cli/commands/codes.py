"""`usher code`: making, listing and switching codes."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.code_files import write_codes
from admin_cli.moments import read_end
from admin_cli.output import DONE, REFUSED, CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.rules.code_lists import BadLine

app = App(name="code", help="Codes: bearer rights to one or more seats.", help_format="plaintext")
app.command(
    "admin_cli.commands.rotate_keys:rotate_keys", name="rotate-keys", help="Write everything under the active key."
)

PoolOption = Annotated[str | None, Parameter(help="The pool; needed only where there are several.")]
Team = Annotated[str | None, Parameter(help="Bind the codes to this team.")]
Expires = Annotated[str | None, Parameter(help="Until when it can be redeemed: 2027-01-31, or 30d from now.")]
TermOption = Annotated[str | None, Parameter(help="How long a membership lasts: 1mo, 30d, 24h, unlimited.")]
T = TypeVar("T")

BatchKind = Literal["general", "bound", "temporary"]
TEMPORARY_TERM = "24h"


@app.command
async def generate(
    *,
    count: Annotated[int, Parameter(help="How many codes, up to a million.")],
    uses: Annotated[int, Parameter(help="Uses of each code.")] = 1,
    pool: PoolOption = None,
    team: Team = None,
    kind: Annotated[
        BatchKind | None, Parameter(help="Temporary ones end with removal; bound ones need --team.")
    ] = None,
    expires: Expires = None,
    term: TermOption = None,
    label: Annotated[str, Parameter(help="A name for the batch.")] = "",
    note: Annotated[str, Parameter(help="A note about the batch.")] = "",
    auto_transfer: Annotated[bool, Parameter(help="Move people on when their membership ends.")] = True,
    override: Annotated[bool, Parameter(help="Make more than there are free seats; audited.", negative="")] = False,
    gives: Annotated[str, Parameter(help="What each use gives: seat, credit:5, plan:vip or access.")] = "seat",
    bearer: Annotated[
        str | None, Parameter(name="--for", help="One address, or one person (telegram:42), whom they are for.")
    ] = None,
    per_person: Annotated[int | None, Parameter(help="How many of them one person may use.")] = None,
    out: Annotated[Path | None, Parameter(help="Write the codes to this file, a .csv as a table.")] = None,
) -> CommandAnswer:
    """Make codes as one batch, never more than there are free seats for (or than the pool may promise credit).

    Example: usher code generate --count 200 --label spring --out spring.csv
    Example: usher code generate --count 10 --gives credit:5
    """
    from core.codes.bearers import read_bearer
    from core.codes.codes import BatchPlan, generate
    from core.rules.gifts import read_giving

    if kind == "bound" and team is None:
        raise CommandRefused("usage", words.said("Bound codes need --team."), 2)
    if kind == "general" and team is not None:
        raise CommandRefused("usage", words.said("General codes are bound to no team; leave --team or --kind out."), 2)
    async with opened() as core:
        plan = BatchPlan(
            count=count,
            uses=uses,
            pool=pool,
            team=team,
            temporary=kind == "temporary",
            expires_at=read_end(expires, core.now(), core.settings.timezone) if expires else None,
            term=term or (TEMPORARY_TERM if kind == "temporary" else None),
            auto_transfer=auto_transfer,
            label=label,
            note=note,
            override=override,
            giving=read_giving(gives),
            bearer=read_bearer(bearer, per_person),
        )
        batch, made = await generate(core, actor(), plan)
        facts = {**asdict(batch), "for": plan.bearer.named or None, "per_person": per_person}
        batch_id = facts.pop("id")
        if out is not None:
            header = ("code", "batch", "pool", "label", "term", "expires_at")
            tail = (batch_id, batch.pool, batch.label, batch.term, batch.expires_at)
            again = words.said(
                "The codes are in batch {batch_id}: usher code export --batch {batch_id} --out FILE", batch_id=batch_id
            )
            written = await write_codes(out, header, made, lambda text: (text, *tail), str, again)
            codes: list[str] = []
        else:
            codes = [text async for text in made]
            written = len(codes)
    document = {"batch": batch_id, "codes": codes, "written": written, "out": str(out) if out else None, **facts}
    said = words.said(
        "Batch {batch_id}: {written:code/codes} for the pool {pool}, {uses:use/uses} each, membership {term}. Seats left to make codes for: {available} (before: {available_before}).",
        batch_id=batch_id, written=written, pool=batch.pool, uses=batch.uses, term=words.term(batch.term),
        available=batch.available, available_before=batch.available_before,
    )  # fmt: skip
    if batch.gives != "seat":
        said = words.said(
            "Batch {batch_id}: {written:code/codes} of {uses:use/uses}, each gives {gives}, lasting {term}.",
            batch_id=batch_id, written=written, uses=batch.uses, gives=batch.gives, term=words.term(batch.term),
        )  # fmt: skip
    return CommandAnswer(document, [*codes, words.said("Written to {out}.", out=out), said] if out else [*codes, said])


@app.command(name="import")
async def import_(
    file: Annotated[
        Path, Parameter(help="A code a line, or a table of a spreadsheet: code, uses. - is standard input.")
    ],
    *,
    uses: Annotated[int, Parameter(help="Uses of the codes that do not say.")] = 1,
    pool: PoolOption = None,
    team: Team = None,
    expires: Expires = None,
    term: TermOption = None,
    label: Annotated[str, Parameter(help="A name for the batch.")] = "",
) -> CommandAnswer:
    """Take over the codes of another system as they are, so that people who hold them lose nothing.

    Example: usher code import old-codes.txt --label "old shop"
    """
    from core.codes.codes import BatchPlan, import_codes
    from core.rules.code_lists import decode_list

    async with opened() as core:
        ends = read_end(expires, core.now(), core.settings.timezone) if expires else None
        plan = BatchPlan(count=1, uses=uses, pool=pool, team=team, expires_at=ends, term=term, label=label)
        imported = await import_codes(core, actor(), decode_list(_content(file)).splitlines(), plan)
    document = {
        "batch": imported.batch_id,
        "created": imported.created,
        "known": imported.known,
        "invalid": [_bad_line(bad) for bad in imported.invalid],
        "heading": imported.heading,
        "unused_columns": list(imported.unused),
    }
    unused = ", ".join(imported.unused)
    shown = [
        words.said(
            "{created} taken over, {known} known already, {invalid} unreadable.",
            created=imported.created, known=imported.known, invalid=len(imported.invalid),
        ),
        *(words.said("Line {line}: {why}", line=bad.line, why=words.reason(bad.reason, {"line": bad.other})) for bad in imported.invalid[:20]),
        *([words.said("Taken for a heading: {heading}", heading=imported.heading)] if imported.heading else []),
        *([words.said("Nothing is kept of these columns: {unused}", unused=unused)] if unused else []),
    ]  # fmt: skip
    return CommandAnswer(document, shown, DONE if imported.created or imported.known else REFUSED)


@app.command(name="list")
async def list_(
    *,
    batches: Annotated[bool, Parameter(help="List the batches instead of the codes.", negative="")] = False,
    pool: Annotated[str | None, Parameter(help="Of this pool.")] = None,
    team: Annotated[str | None, Parameter(help="Bound to this team.")] = None,
    batch: Annotated[int | None, Parameter(help="Of this batch.")] = None,
    state: Annotated[
        Literal["unused", "used", "expired", "disabled", "deleted"] | None, Parameter(help="Those in this state.")
    ] = None,
    last4: Annotated[str | None, Parameter(help="Ending in these four symbols.")] = None,
    address: Annotated[str | None, Parameter(help="Used by this address.")] = None,
    after: Annotated[int, Parameter(help="Beyond the code with this id.")] = 0,
    limit: Annotated[int, Parameter(help="How many at most.")] = 100,
) -> CommandAnswer:
    """List codes by any filters together: who used them, in which team, and what became of it.

    Example: usher code list --batch 3 --state unused
    """
    from core.codes.report import CodeFilter, batch_list, code_list

    async with opened() as core:
        if batches:
            found = await batch_list(core, actor(), pool=pool, most=limit)
            shown = ("id", "label", "pool", "team", "kind", "gives", "codes", "uses", "used", "unused")
            rows = [
                (*(getattr(b, name) for name in shown), b.voided - b.deleted, b.deleted, b.expires_at, b.created_at)
                for b in found
            ]
            headers = ("batch", *shown[1:], "off", "deleted", "expires", "made")
            return CommandAnswer({"batches": [asdict(line) for line in found]}, [Rows(headers, rows)])
        wanted = CodeFilter(pool, team, batch, state, last4, address)
        lines = await code_list(core, actor(), wanted, after=after, most=limit)
    more = lines[-1].id if len(lines) == limit and lines else None
    table = Rows(("id", "code", "batch", "pool", "team", "state", "uses", "who"), [_row(line) for line in lines])
    said = [words.said("More with --after {more}.", more=more)] if more else []
    return CommandAnswer({"codes": [_document(line) for line in lines], "next": more}, [table, *said])


@app.command(name="set")
async def set_(
    code: Annotated[str | None, Parameter(help="One code; else --batch.")] = None,
    *,
    batch: Annotated[int | None, Parameter(help="Every code of it.")] = None,
    auto_transfer: Annotated[bool, Parameter(help="Move people on when their membership ends.")],
) -> CommandAnswer:
    """Say whether people who use codes from now on are moved at the end of their membership, or go.

    Example: usher code set --batch 3 --no-auto-transfer
    """
    from core.codes.endings import set_auto_transfer
    from core.codes.report import code_page
    from core.rules.codes import read_code

    if (code is None) == (batch is None):
        raise CommandRefused("usage", words.said("Name a code, or a batch with --batch."), 2)
    async with opened() as core:
        code_id = None
        if code is not None:
            code_id = (await code_page(core, actor(), read_code(code, await core.shapes()))).id
        count = await set_auto_transfer(core, actor(), auto_transfer, batch_id=batch, code_id=code_id)
    said = (
        words.said("{count:code moves/codes move} people on from now on.", count=count)
        if auto_transfer
        else words.said("{count:code ends/codes end} with removal from now on.", count=count)
    )
    return CommandAnswer({"changed": count, "auto_transfer": auto_transfer}, [said])


@app.command
async def show(code: str) -> CommandAnswer:
    """Show one code and every use of it.

    Example: usher code show TEAM-0000-0000-0000-0000
    """
    from core.codes.exports import reveal_code
    from core.codes.report import code_page
    from core.rules.codes import read_code

    async with opened() as core:
        text = read_code(code, await core.shapes())
        line = await code_page(core, actor(), text)
        full = await reveal_code(core, actor(), text)
    facts = [
        ("code", full),
        ("batch", line.batch),
        ("moves people on", line.auto_transfer),
        ("for", line.bearer or words.said("whoever has it")),
        ("pool", line.pool),
        ("team", line.team),
        ("kind", line.kind),
        ("gives", line.gives),
        ("state", line.state),
        (
            "uses",
            words.said(
                "{used} of {most}, {reserved} under way", used=line.used, most=line.max_uses, reserved=line.reserved
            ),
        ),
        ("membership", words.term(line.term)),
        ("expires", line.expires_at),
    ]
    uses = [(use.address, use.team, use.state, use.lease_status, use.at) for use in line.uses]
    shown = [Rows(("what", "is"), words.listed(facts)), Rows(("address", "team", "redemption", "lease", "at"), uses)]
    return CommandAnswer({"code": {**_document(line), "code": full}}, shown)


@app.command
async def enable(
    *codes: str, batch: Annotated[int | None, Parameter(help="All codes of a batch.")] = None
) -> CommandAnswer:
    """Let disabled codes be redeemed again.

    Example: usher code enable --batch 3
    """
    return await _switch(codes, batch, "active")


@app.command
async def disable(
    *codes: str, batch: Annotated[int | None, Parameter(help="The unused rest of a batch.")] = None
) -> CommandAnswer:
    """Stop codes from being redeemed; what was redeemed stays.

    Example: usher code disable TEAM-0000-0000-0000-0000
    """
    return await _switch(codes, batch, "disabled")


@app.command
async def delete(
    *codes: str, batch: Annotated[int | None, Parameter(help="All codes of it that nobody has used.")] = None
) -> CommandAnswer:
    """Delete codes that were never used.

    Example: usher code delete TEAM-0000-0000-0000-0000
    """
    return await _switch(codes, batch, "deleted")


@app.command
async def export(
    *,
    batch: Annotated[int | None, Parameter(help="Of this batch.")] = None,
    pool: Annotated[str | None, Parameter(help="Of this pool.")] = None,
    unused: Annotated[bool, Parameter(help="Only codes that can still be redeemed.", negative="")] = False,
    out: Annotated[Path | None, Parameter(help="The file; .csv makes a table, anything else a plain list.")] = None,
) -> CommandAnswer:
    """Write codes in full to a file, or list them here. The audit log remembers it.

    Example: usher code export --batch 3 --unused --out rest.csv
    """
    from core.codes.exports import HEADER, export_codes

    async with opened() as core:
        found = await export_codes(core, actor(), batch=batch, pool=pool, unused_only=unused)
        if out is None:
            exported = [one async for one in found]
            return CommandAnswer({"codes": [asdict(one) for one in exported]}, [one.code for one in exported])
        again = (
            words.said("The codes are still in batch {batch_id}: export them again.", batch_id=batch)
            if batch
            else words.said("The codes are still in their batches: export them again.")
        )
        written = await write_codes(out, HEADER, found, lambda one: one.cells, lambda one: one.code, again)
    return CommandAnswer(
        {"written": written, "out": str(out)},
        [words.said("Wrote {written:code/codes} to {out}.", written=written, out=out)],
    )


async def _switch(
    codes: tuple[str, ...], batch: int | None, status: Literal["active", "disabled", "deleted"]
) -> CommandAnswer:
    from core.codes.codes import set_batch_status, set_code_status
    from core.errors import Refusal
    from core.rules.codes import read_code

    if not codes and batch is None:
        raise CommandRefused("usage", words.said("Which codes? Write them, or name a --batch."), 2)
    changed = 0
    refused: list[dict[str, Any]] = []
    async with opened() as core:
        if batch is not None:
            changed += await set_batch_status(core, actor(), batch, status)
        shapes = await core.shapes()
        for text in codes:
            try:
                await set_code_status(core, actor(), read_code(text, shapes), status)
                changed += 1
            except Refusal as refusal:
                refused.append(
                    {"code_last4": text.strip()[-4:], "reason": refusal.key, "said": words.sentence(refusal)}
                )
    said = [
        words.said(
            "{count:code/codes}: {state}.",
            count=changed,
            state=words.heading("enabled" if status == "active" else status),
        )
    ]
    said += [f"…{one['code_last4']}: {one.pop('said')}" for one in refused]
    return CommandAnswer({"changed": changed, "status": status, "refused": refused}, said, REFUSED if refused else DONE)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandRefused(
            "file_unreadable", words.said("{file} cannot be read ({why}).", file=file, why=error), 2
        ) from error


def _bad_line(bad: BadLine) -> dict[str, Any]:
    return {"line": bad.line, "reason": bad.reason, **({"other": bad.other} if bad.reason == "reads_alike" else {})}


def _row(line: Any) -> tuple[Any, ...]:
    who = ", ".join(f"{use.address} ({use.team or use.state})" for use in line.uses)
    uses = f"{line.used}/{line.max_uses}"
    return (line.id, f"…{line.last4}", line.batch, line.pool, line.team, line.state, uses, who)


def _document(line: Any) -> dict[str, Any]:
    facts = asdict(line)
    return {"id": facts.pop("id"), "code_last4": facts.pop("last4"), **facts}
