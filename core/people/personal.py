"""Where the schema holds a person: one list, from which is erased and exported.

A test compares it with the whole schema, so that a new column is either here or said to hold nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import sqlalchemy as sa

from core.storage.all_tables import metadata
from core.vault import Vault

How: TypeAlias = Literal["actor", "holder", "address", "place", "words", "row"]
"""How a column names a person, and with that, how it is made to forget them.

actor    `telegram:42`: becomes a pseudonym, the same in the whole database, so that what happened stays readable
holder   the identity whose row it is: emptied, and of a seat that is kept, an unreadable mark
address  an e-mail address: becomes one that is nobody's
place    a private chat, or what was said in it: emptied
words    an address among other facts: taken out of them
row      the whole row goes
"""

PERSONAL: Final[Mapping[str, How]] = {
    "alert_messages.chat_id": "row",
    "alert_messages.message_ref": "row",
    "alerts.facts": "words",
    "alerts.resolved_by": "actor",
    "alerts.subject": "words",
    "audit_log.actor": "actor",
    "bans.lifted_by": "actor",
    "bans.maker": "actor",
    "batches.for_identity": "actor",
    "batches.maker": "actor",
    "buttons.action": "row",
    "buttons.owner": "row",
    "code_requests.address": "address",
    "code_requests.address_key": "address",
    "code_requests.decided_by": "actor",
    "code_requests.identity": "holder",
    "code_requests.language": "holder",
    "dialogues.identity": "row",
    "dialogues.state": "row",
    "drafts.content": "row",
    "drafts.owner": "row",
    "extension_requests.decided_by": "actor",
    "identities.chat_id": "row",
    "identities.identity": "row",
    "inbox.lane": "actor",
    "inbox.payload": "place",
    "job_items.subject": "actor",
    "jobs.chat_id": "place",
    "jobs.maker": "actor",
    "jobs.message_ref": "place",
    "ledger.actor": "actor",
    "leases.address": "address",
    "leases.address_key": "address",
    "hooks.maker": "actor",
    "leases.identity": "holder",
    "leases.invite_reference": "address",
    "leases.language": "holder",
    "leases.note": "holder",
    "links.joiner": "actor",
    "links.maker": "actor",
    "notices.facts": "words",
    "notices.message_ref": "row",
    "notices.recipient": "row",
    "people.default_model": "row",
    "people.language": "row",
    "people.note": "row",
    "people.prefers": "row",
    "people.standing": "row",
    "people.timezone": "row",
    "redemptions.address": "address",
    "redemptions.address_key": "address",
    "redemptions.content": "address",
    "redemptions.facts": "address",
    "redemptions.identity": "holder",
    "redemptions.language": "holder",
    "removals.address": "address",
    "removals.address_key": "address",
    "removals.requested_by": "actor",
    "setting_rows.changed_by": "actor",
    "staff_tokens.maker": "actor",
    "staff_tokens.used_by": "actor",
    "subscriptions.chat_id": "row",
    "subscriptions.maker": "row",
    "transfers.address": "address",
    "transfers.requested_by": "actor",
    "waitlist.address": "address",
    "waitlist.address_key": "address",
    "waitlist.identity": "holder",
    "waitlist.language": "holder",
}

BY_NUMBER: Final = frozenset(
    {
        *("attachments.content", "attachments.name", "calls.answer", "calls.beside", "calls.content"),
        *("conversations.instructions", "conversations.place", "conversations.title"),
        *("gifts.identity", "keys.name", "memberships.origin", "message_places.chat", "messages.content"),
        *("outside_links.facts", "outside_links.subject", "outside_visits.identity", "shares.last4"),
        *(
            "sources.credential",
            "sources.last4",
            "sources.name",
            "sources.name_key",
            "sponsors.payer",
            "sponsors.place",
        ),
        *("subaccounts.name", "subaccounts.reference"),
        *("turns.facts", "turns.identity", "turns.payer", "turns.place", "turns.recipient"),
    }
)
"""Columns of rows that are a person's by its number: `credit_privacy` and `talk_privacy` empty them, delete their rows,
or leave them where nothing leads to anybody any more."""

KEPT: Final[Mapping[str, str]] = {
    "attempts.identity": "until it no longer counts: erasing oneself is no way around a limit",
    "bans.identity": "as long as the ban lasts, for the same reason",
    "bans.reason": "as long as the ban lasts",
    "batches.for_address": "whom staff made codes for, as long as those can be used",
    "batches.label": "what staff called a batch of codes",
    "batches.note": "what staff noted of a batch of codes",
    "codes.note": "what staff noted of a code",
    "setting_rows.value": "an address that staff have blocked, as long as they block it",
    "ledger.reason": "why staff gave or took credit: the house's books",
    "seats.occupant": "a member of the workspace whom Usher did not invite; goes when a reading shows them no more",
    "teams.credential": "encrypted; the workspace's own",
    "teams.owner_address": "the workspace's own",
}
"""Columns that hold a person and are not erased with one, each with the reason."""

NOBODY: Final = frozenset(
    {
        *("alerts.category", "alerts.level", "alerts.title"),
        *("alert_messages.platform", "attempts.kind", "bans.platform", "budgets.scope"),
        *("audit_log.action", "audit_log.subject", "audit_log.before", "audit_log.after"),
        *("batches.gift", "batches.gives", "batches.kind", "batches.term", "buttons.nonce"),
        *("code_requests.platform", "code_requests.state"),
        *("codes.cipher", "codes.digest", "codes.last4", "codes.status"),
        *("extension_requests.state", "extension_requests.term", "setting_rows.name"),
        *("drafts.id", "drafts.kind", "facts.name", "facts.value", "figure_changes.name", "figures.name"),
        *("hooks.events", "hooks.last_error", "hooks.reference", "hooks.secret", "hooks.state", "hooks.url"),
        *("identities.platform", "imported_shapes.shape", "inbox.claim", "inbox.key", "inbox.state"),
        *("job_items.reason", "job_items.state"),
        *("jobs.arguments", "jobs.claim", "jobs.fingerprint", "jobs.kind", "jobs.language", "jobs.platform"),
        *("jobs.state", "leases.claim", "leases.end_reason", "leases.platform", "leases.status", "leases.term"),
        *("links.digest", "links.state"),
        *("notices.channel", "notices.claim", "notices.dedupe", "notices.error", "notices.language"),
        *("notices.state", "notices.template", "people.role"),
        *(
            "pools.allowed_domains",
            "pools.default_term",
            "pools.name",
            "pools.name_key",
            "pools.policy",
            "pools.public_name",
            "pools.team_names",
        ),
        *("pools.prefix", "redemptions.code_last4", "redemptions.platform", "redemptions.reason"),
        *("redemptions.request_key", "redemptions.state", "removals.cause", "removals.claim", "removals.reason"),
        *("removals.state", "repeated_requests.request_key", "seats.state", "staff_tokens.digest"),
        *("staff_tokens.role", "subscriptions.categories", "subscriptions.language", "subscriptions.level"),
        *("subscriptions.platform", "subscriptions.quiet_from", "subscriptions.quiet_to", "subscriptions.timezone"),
        "subscriptions.report_at",
        *("sweeps.claim", "sweeps.name", "sweeps.outcome", "sweeps.facts", "team_endpoints.name", "teams.base_url"),
        *("teams.external_id", "teams.health", "teams.last_error", "teams.name", "teams.name_key"),
        *("teams.provider", "transfers.cause", "transfers.claim", "transfers.reason", "transfers.state"),
        *("waitlist.claim", "waitlist.platform", "waitlist.state"),
        *("attachments.kind", "attachments.reference", "call_attempts.outcome", "call_attempts.reason"),
        *("calls.claim", "calls.facts", "calls.finish", "calls.model", "calls.prices", "calls.reason"),
        *("calls.request_key", "calls.state", "calls.via"),
        *("conversations.model", "conversations.platform", "conversations.reference"),
        *("gifts.gives", "gifts.plan", "gifts.platform", "gifts.request_key"),
        *("keys.digest", "keys.last4", "keys.models", "keys.role", "keys.scopes", "keys.state", "ledger.kind"),
        *("limit_groups.name", "limit_groups.name_key"),
        *("message_places.platform", "message_places.shown", "messages.model", "messages.reference"),
        *("messages.role", "messages.state"),
        *("models.name", "models.name_key", "models.output_parameter", "models.quota_group", "models.sees"),
        *("outside_links.site", "outside_visits.digest", "outside_visits.language", "outside_visits.platform"),
        *("outside_visits.site", "parents.adapter", "parents.base_url", "parents.credential", "parents.last4"),
        *("plans.models", "plans.name", "shares.digest", "source_models.upstream_name", "source_slots.state"),
        *("sources.adapter", "sources.base_url", "sources.fingerprint", "sources.health", "sources.last_error"),
        *("sources.tier", "sponsors.platform", "subaccounts.claim", "subaccounts.reason", "subaccounts.state"),
        *("turns.claim", "turns.language", "turns.model", "turns.platform", "turns.reason", "turns.request_key"),
        *("turns.shown", "turns.state", "wallets.kind", "wallets.origin", "wallets.quota_group"),
    }
)
"""Columns of text that hold no person. The log of changes has states and ids in its facts, never an address."""

ERASED: Final = "erased"
"""Platform, and of what is over also the identity, of a row whose owner is forgotten."""

SECRET: Final = frozenset({"claim", "digest", "cipher", "content", "action", "payload", "nonce", "key"})
"""Columns that an export leaves out: they say nothing to anybody, or open something."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Everything that a person is called in the database: identities, private chats, addresses, and their leases."""

    pairs: Sequence[tuple[str, str]]
    places: Sequence[tuple[str, str]]
    addresses: Sequence[str]
    leases: Sequence[int]

    @property
    def keys(self) -> list[str]:
        return [f"{platform}:{identity}" for platform, identity in self.pairs]


def table_named(name: str) -> sa.Table:
    """A table of any wing."""
    return metadata.tables[name]


def columns(*how: How) -> list[sa.Column[str]]:
    """The declared columns that name a person in one of these ways."""
    names = [name.split(".") for name, way in PERSONAL.items() if way in how]
    return [table_named(table).c[column] for table, column in names]


def theirs(table: sa.Table, whose: Whose) -> sa.ColumnElement[bool]:
    """The rows of `table` that hold this person, by any of its declared columns."""
    of = table.c
    found: list[sa.ColumnElement[bool]] = []
    if {"platform", "identity"} <= set(of.keys()):
        found += [sa.and_(of.platform == one, of.identity == other) for one, other in whose.pairs]
    if {"platform", "chat_id"} <= set(of.keys()):
        found += [sa.and_(of.platform == one, of.chat_id == other) for one, other in whose.places]
    if {"channel", "recipient"} <= set(of.keys()):
        found += [sa.and_(of.channel == one, of.recipient == other) for one, other in whose.places]
        found.append(sa.and_(of.channel == "mail", of.recipient.in_(whose.addresses)))
    if table.name == "attempts":
        found.append(of.identity.in_(whose.keys))
    if table.name in {"transfers", "removals"}:
        found.append(of.lease_id.in_(whose.leases))
    if table.name == "removals":
        # A member whom nobody here had invited may be the same person.
        found.append(sa.and_(of.lease_id.is_(None), of.address_key.in_(whose.addresses)))
    if table.name == "job_items":
        found.append(of.subject.in_([*whose.addresses, *(f"lease:{lease}" for lease in whose.leases)]))
    if table.name in {"buttons", "drafts"}:
        found.append(of.owner.in_(whose.keys))
    if table.name == "dialogues":
        found.append(of.identity.in_(whose.keys))
    found += [column.in_(whose.keys) for column in columns("actor") if column.table is table]
    return sa.or_(sa.false(), *found)


def kept_marks(vault: Vault, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """What stands in the place of these identities on a seat that is kept: readable by nobody, known to its owner."""
    return [f"kept:{digest.hex()[:40]}" for one, other in pairs for digest in vault.digests(f"kept:{one}:{other}")]


def forgotten_content(vault: Vault, contents: Collection[bytes]) -> list[bytes]:
    """What an erased redemption keeps of its address and code: enough to know both again, by whoever shows both."""
    return [digest for content in contents for digest in vault.digests(f"{ERASED}:{content.hex()}")]
