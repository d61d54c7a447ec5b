"""The schema. Its constraints are the last line of every promise; use cases claim rows against them.

Times are UTC. A credential, a code and anything typed by a person that may hold one are stored only as ciphertext
(`core.vault`), and a code is looked up only by a keyed digest.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from core.storage.column_types import Id, Json, Moment, State
from core.storage.names import key_of_row
from core.storage.schema import count as _count
from core.storage.schema import flag as _flag
from core.storage.schema import metadata
from core.storage.schema import number as _id
from core.storage.schema import partial as _partial
from core.storage.schema import states as _states

LIVE = ("held", "invited", "active", "transferring")
"""A lease in one of these states occupies its seat."""
_LIVE = "status IN ('held', 'invited', 'active', 'transferring')"

pools = Table(
    "pools",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("name_key", Text, nullable=False, default=key_of_row),  # what a name is found and told apart by
    Column("public_name", String(64)),  # what people read instead; none: its name
    Column("prefix", String(16), nullable=False),
    _count("groups", 4),
    Column("policy", String(16), nullable=False),
    Column("default_term", String(16), nullable=False),
    Column("allowed_domains", Json, nullable=False),
    _flag("show_stock", False),
    _flag("waitlist_open", True),
    _flag("transfer_requests", False),
    _flag("enabled", True),
    Column("last_team_id", Id),  # where round_robin stands
    _count("grace_hours"),  # for how long somebody keeps a seat whose term is over
    _flag("team_choice", False),  # people say which team they want
    Column("team_names", String(100)),  # how new teams are called, as in {pool}-{date}-{seq3}
    Column("transfers_allowed", Integer),  # moves of one lease, by wish or at its end; none: any number
    Column("credit_limit", sa.BigInteger),  # the most credit that its codes may promise; none: no limit
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    _states("policy", "fill_first", "proven", "most_free", "round_robin"),
    Index("uq_pools_name_key", "name_key", unique=True),
)

pool_shown = sa.func.coalesce(pools.c.public_name, pools.c.name)
"""What people who are no staff read as a pool's name."""

teams = Table(
    "teams",
    metadata,
    _id(),
    Column("pool_id", Id, ForeignKey("pools.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("name_key", Text, nullable=False, default=key_of_row),
    Column("provider", String(32), nullable=False),
    Column("external_id", String(200), nullable=False),
    Column("base_url", String(300)),
    Column("credential", LargeBinary, nullable=False),
    Column("credential_expires_at", Moment),
    Column("owner_address", String(320)),
    Column("capacity", Integer, nullable=False),  # what staff set
    Column("capacity_learned", Integer),  # fewer seats than that, as the upstream has shown
    _flag("enabled", True),
    Column("health", String(16), nullable=False, default="healthy", server_default="healthy"),
    _count("failures"),  # consecutive failed calls
    _count("members_failures"),
    Column("members_failures_since", Moment),
    Column("paused_until", Moment),  # Retry-After or the breaker
    _count("breaker_opened"),  # times in a row, for the back-off
    Column("unhealthy_since", Moment),
    Column("last_error", String(200)),
    Column("last_invited_at", Moment),
    Column("read_at", Moment),  # last complete reading of members and invites
    Column("read_due_at", Moment),
    # Seats in use by the upstream's own count, minus the members it lists (the owner may count or not), as last sure.
    Column("count_apart", Integer),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    sa.UniqueConstraint("provider", "external_id"),
    _states("health", "healthy", "expired", "gone"),
    CheckConstraint("capacity >= 0", name="capacity"),
    _partial("ix_teams_paused", "pool_id", "paused_until", where="paused_until IS NOT NULL"),
    Index("ix_teams_pool_proven", "pool_id", "last_invited_at"),
    Index("uq_teams_name_key", "name_key", unique=True),
)

team_endpoints = Table(
    # The breaker of each call but the invite, whose breaker is the team's own columns. A row is there only while
    # calls fail.
    "team_endpoints",
    metadata,
    Column("team_id", Id, ForeignKey("teams.id"), primary_key=True),
    Column("name", String(16), primary_key=True),  # pending, members, capacity, account, remove, cancel
    _count("failures"),
    _count("opened"),
    Column("paused_until", Moment),
)

seats = Table(
    "seats",
    metadata,
    _id(),
    Column("team_id", Id, ForeignKey("teams.id"), nullable=False),
    Column("pool_id", Id, ForeignKey("pools.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column(
        "team_created_at", Moment, nullable=False
    ),  # the order of fill_first, kept here so that a claim is one index look-up
    Column("state", State(8), nullable=False, default="free", server_default="free"),
    Column("occupant", String(320)),  # a member Usher did not invite, by normalised address
    Column("occupied_at", Moment),  # since when they are there: as the upstream says, else as first seen
    _flag("open", True),  # the team is enabled and healthy
    Column("held_until", Moment),
    _count("absent_reads"),  # complete readings in a row without the occupant
    _count("seen_reads"),  # complete readings in a row that showed the occupant as a member
    _flag("protected", False),  # by hand: the occupant is never removed
    _flag("grandfathered", False),  # the occupant was there when the unauthorised-member sweep was switched on
    sa.UniqueConstraint("team_id", "number"),
    _states("state", "free", "held", "taken"),
    CheckConstraint("occupant IS NULL OR state = 'taken'", name="occupant"),
    _partial("ix_seats_free", "pool_id", "open", "team_created_at", "team_id", "number", where="state = 'free'"),
    _partial("ix_seats_team_free", "team_id", "number", where="state = 'free'"),
)

batches = Table(
    "batches",
    metadata,
    _id(),
    Column("pool_id", Id, ForeignKey("pools.id"), nullable=False, index=True),
    Column("team_id", Id, ForeignKey("teams.id"), index=True),  # bound codes
    Column("kind", String(16), nullable=False),
    Column("label", String(200), nullable=False, default="", server_default=""),
    Column("note", Text, nullable=False, default="", server_default=""),
    Column("maker", String(100), nullable=False),
    Column("term", String(16), nullable=False),
    _flag("temporary", False),
    _flag("auto_transfer", True),
    _flag("imported", False),
    _flag("direct", False),  # one code that nobody was given: staff seated somebody
    Column("expires_at", Moment),
    # Folded figures; the truth is these plus the batch's rows in batch_changes.
    _count("codes"),
    Column("uses", Id, nullable=False, default=0, server_default="0"),
    Column("used", Id, nullable=False, default=0, server_default="0"),
    Column("voided", Id, nullable=False, default=0, server_default="0"),
    Column("joined", Id, nullable=False, default=0, server_default="0"),  # counted by a trigger on leases
    Column("created_at", Moment, nullable=False),
    Column("made_at", Moment),  # all its codes are there
    Column("used_up_at", Moment),  # nothing of it is left to be used
    # Below: what each use gives. `gift` is {"amount": micro-credits} or {"plan": name}; `term` says how long it lasts.
    Column("gives", String(8), nullable=False, default="seat", server_default="seat"),
    Column("gift", Json),
    # Whom the codes are for, where not for whoever has them; and how many of them one person may use.
    Column("for_address", String(320)),
    Column("for_identity", String(120)),
    Column("per_person", Integer),
    Column("suspended_at", Moment),  # after a restore: some of its codes may be used, and nobody knows which
    _states("kind", "general", "bound"),
    _states("gives", "seat", "credit", "plan", "access"),
    CheckConstraint("(kind = 'bound') = (team_id IS NOT NULL)", name="bound_team"),
)

batch_changes = Table(
    # One row per change instead of one hot row per batch: redemptions of one batch do not queue behind one another.
    "batch_changes",
    metadata,
    _id(),
    Column("batch_id", Id, ForeignKey("batches.id"), nullable=False, index=True),
    _count("codes"),
    Column("uses", Id, nullable=False, default=0, server_default="0"),
    Column("used", Id, nullable=False, default=0, server_default="0"),
    Column("voided", Id, nullable=False, default=0, server_default="0"),  # unused uses of disabled or deleted codes
    Column("joined", Id, nullable=False, default=0, server_default="0"),
)

codes = Table(
    "codes",
    metadata,
    _id(),
    Column("batch_id", Id, ForeignKey("batches.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("cipher", LargeBinary, nullable=False),
    Column("last4", String(8), nullable=False, index=True),
    _count("max_uses", 1),
    _count("used"),
    _count("reserved"),
    Column("status", State(8), nullable=False, default="active", server_default="active"),
    Column("note", Text),
    Column("auto_transfer", sa.Boolean),  # where it is another than its batch's
    _states("status", "active", "disabled", "deleted"),
    CheckConstraint("used >= 0 AND reserved >= 0 AND used + reserved <= max_uses", name="uses"),
)

imported_shapes = Table(
    "imported_shapes",
    metadata,
    Column("shape", String(100), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

redemptions = Table(
    "redemptions",
    metadata,
    _id(),
    Column("request_key", String(200), nullable=False, unique=True),
    Column(
        "content", LargeBinary(32), nullable=False
    ),  # digest of address and code: the same key must carry the same content
    Column("code_id", Id, ForeignKey("codes.id")),
    Column("code_last4", String(8), nullable=False),
    Column("pool_id", Id, ForeignKey("pools.id")),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, index=True),
    Column("state", State(16), nullable=False),
    Column("reason", String(64)),
    Column("facts", Json),
    Column("chosen_team_id", Id),  # the team that the person chose: it is this one or none
    Column("lease_id", Id),  # set when settled; while it is under way, the lease points here
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("language", String(16)),
    Column("created_at", Moment, nullable=False, index=True),
    Column("settled_at", Moment),
    _states("state", "sending", "unclear", "invited", "already_member", "refused"),
    _partial(
        "uq_redemptions_code_address",
        "code_id",
        "address_key",
        unique=True,
        where="state IN ('sending', 'unclear', 'invited')",
    ),
    _partial("ix_redemptions_open", "created_at", where="state IN ('sending', 'unclear')"),
    Index("ix_redemptions_identity", "platform", "identity"),
)

# A wish made again under another key, while the first one was under way or granted: its answer is the first one's.
repeated_requests = Table(
    "repeated_requests",
    metadata,
    Column("request_key", String(200), primary_key=True),
    Column("redemption_id", Id, ForeignKey("redemptions.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
)
leases = Table(
    "leases",
    metadata,
    _id(),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, index=True),
    Column("pool_id", Id, ForeignKey("pools.id"), nullable=False),
    Column("team_id", Id, ForeignKey("teams.id"), nullable=False),
    Column("seat_id", Id, ForeignKey("seats.id", ondelete="SET NULL")),
    Column("status", State(16), nullable=False),
    Column("redemption_id", Id, ForeignKey("redemptions.id"), index=True),
    Column("transfer_id", Id, index=True),  # the transfer that made this lease
    Column("term", String(16), nullable=False),
    _flag("auto_transfer", True),
    _flag("temporary", False),
    _flag("protected", False),
    Column("platform", String(16)),  # where its holder is told
    Column("identity", String(100)),
    Column("language", String(16)),
    Column("invite_reference", String(200)),
    Column("created_at", Moment, nullable=False),
    Column("invited_at", Moment),
    Column("joined_at", Moment),
    Column("expires_at", Moment),
    Column("warned_at", Moment),
    Column("ended_at", Moment),
    Column("end_reason", String(64)),
    Column("note", Text),
    _count("transfer_count"),
    _count("absent_reads"),  # complete readings in a row without this person
    # The invite under way: who may settle it, and when somebody else has to look.
    Column("claim", String(32)),
    Column("due_at", Moment),
    _count("sends"),
    Column("first_sent_at", Moment),
    Column("last_sent_at", Moment),
    Column("unclear_since", Moment),
    _states("status", *LIVE, "ended", "failed"),
    _partial("uq_leases_live_address", "team_id", "address_key", unique=True, where=_LIVE),
    _partial("uq_leases_live_seat", "seat_id", unique=True, where=_LIVE),
    _partial("ix_leases_due", "due_at", where="status = 'held'"),
    _partial("ix_leases_expiring", "expires_at", where="status IN ('invited', 'active')"),
    _partial("ix_leases_joined", "joined_at", where="joined_at IS NOT NULL"),
    Index("ix_leases_team", "team_id", "status"),
    Index("ix_leases_identity", "platform", "identity"),
    CheckConstraint("status IN ('ended', 'failed') OR seat_id IS NOT NULL", name="live_seat"),
)

transfers = Table(
    "transfers",
    metadata,
    _id(),
    Column("lease_id", Id, ForeignKey("leases.id"), nullable=False),
    Column("target_lease_id", Id, ForeignKey("leases.id")),
    Column("target_team_id", Id, ForeignKey("teams.id")),  # named by staff; else the policy chooses
    Column("address", String(320)),  # the new address, where that is what changes
    Column("cause", String(16), nullable=False),
    _flag("forced", False),
    _flag("skip_acceptance", False),
    Column("state", State(16), nullable=False),
    _count("attempts"),
    Column("reason", String(64)),
    Column("requested_by", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("grace_ends_at", Moment),
    Column("finished_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment),
    _states("cause", "expiry", "manual", "abnormal", "request", "address"),
    # asked: a change of address that waits for staff
    _states("state", "asked", "planned", "inviting", "waiting", "removing", "done", "failed", "cancelled"),
    _partial(
        "uq_transfers_live_lease",
        "lease_id",
        unique=True,
        where="state IN ('planned', 'inviting', 'waiting', 'removing')",
    ),
    _partial("ix_transfers_due", "due_at", where="state IN ('planned', 'inviting', 'waiting', 'removing')"),
)

removals = Table(
    # Taking somebody out of a team: the intent before the call, and afterwards the log of it with its reason.
    "removals",
    metadata,
    _id(),
    Column("team_id", Id, ForeignKey("teams.id"), nullable=False, index=True),
    Column("lease_id", Id, ForeignKey("leases.id"), index=True),  # none for a member Usher did not invite
    Column("transfer_id", Id, ForeignKey("transfers.id")),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("state", State(16), nullable=False),
    _count("attempts"),
    _count("absent_reads"),  # complete readings in a row without the person
    Column("reason", String(64)),
    Column("requested_by", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),  # the last call that may have removed the person
    Column("finished_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment),
    _states("cause", "ended", "expired", "transferred", "unauthorised", "staff", "offer_expired"),
    _states("state", "planned", "done", "failed", "cancelled"),
    _partial("uq_removals_live", "team_id", "address_key", unique=True, where="state = 'planned'"),
    _partial("ix_removals_due", "due_at", where="state = 'planned'"),
)

waitlist = Table(
    "waitlist",
    metadata,
    _id(),
    Column("pool_id", Id, ForeignKey("pools.id"), nullable=False),
    Column("code_id", Id, ForeignKey("codes.id"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False),
    Column("state", State(8), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("language", String(16)),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("claim", String(32)),
    Column("due_at", Moment),
    _states("state", "waiting", "served", "left", "closed"),
    _partial("uq_waitlist_waiting", "code_id", "address_key", unique=True, where="state = 'waiting'"),
    _partial("ix_waitlist_order", "pool_id", "id", where="state = 'waiting'"),
)

place_redeemed = sa.exists().where(
    redemptions.c.code_id == waitlist.c.code_id,
    redemptions.c.address_key == waitlist.c.address_key,
    redemptions.c.state.in_(("sending", "unclear", "invited")),
)
"""The code of a waiting place is being redeemed for its address, or has been."""

code_requests = Table(
    # Wishes to redeem a code of a suspended batch: staff decide.
    "code_requests",
    metadata,
    _id(),
    Column("code_id", Id, ForeignKey("codes.id"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False),
    Column("state", State(8), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("language", String(16)),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(120)),
    _states("state", "asked", "approved", "declined"),
    _partial("uq_code_requests_once", "code_id", "address_key", unique=True, where="state <> 'declined'"),
)

extension_requests = Table(
    # Wishes of people to keep their seat longer: staff decide. closed: the lease ended, or the wish was taken back.
    "extension_requests",
    metadata,
    _id(),
    Column("lease_id", Id, ForeignKey("leases.id"), nullable=False),
    Column("term", String(16), nullable=False),
    Column("state", State(8), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(120)),
    _states("state", "asked", "approved", "declined", "closed"),
    _partial("uq_extension_requests_asked", "lease_id", unique=True, where="state = 'asked'"),
)

people = Table(
    "people",
    metadata,
    _id(),
    Column("role", String(16), nullable=False, default="anyone", server_default="anyone"),
    Column("language", String(16)),
    Column("timezone", String(64)),
    _flag("timezone_asked", False),
    Column("note", Text),
    Column("created_at", Moment, nullable=False),
    Column("standing", String(16), nullable=False, default="active", server_default="active"),
    Column("default_model", String(100)),
    Column("prefers", String(16), nullable=False, default="dedicated", server_default="dedicated"),
    Column("spend_limit", sa.BigInteger),  # micro-credits a day
    _states("role", "anyone", "viewer", "operator", "admin", "owner"),
    _states("standing", "active", "suspended"),
    _states("prefers", "dedicated", "shared"),
)

identities = Table(
    "identities",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("identity", String(100), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("chat_id", String(100)),  # the private chat, once there is one
    Column("unreachable_since", Moment),
    Column("created_at", Moment, nullable=False),
)

staff_tokens = Table(
    "staff_tokens",
    metadata,
    _id(),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("maker", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("used_by", String(120)),
)

links = Table(
    # Two identities that are to be one person: made by one side, agreed to by the other, joined when the first says so.
    "links",
    metadata,
    _id(),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("maker", String(120), nullable=False, index=True),
    Column("joiner", String(120), index=True),
    Column("state", State(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    _states("state", "open", "agreed", "joined", "declined", "ended"),
)

bans = Table(
    # Who may do nothing here, why and until when; no end is for good.
    "bans",
    metadata,
    _id(),
    Column("platform", String(16), nullable=False),
    Column("identity", String(100), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("maker", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("until", Moment),
    Column("lifted_at", Moment),
    Column("lifted_by", String(120)),
    _partial("uq_bans_live", "platform", "identity", unique=True, where="lifted_at IS NULL"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("identity", String(120), primary_key=True),
    Column("kind", String(16), primary_key=True),  # redeem, guess, claim, words, all_guesses
    Column("window_started_at", Moment, nullable=False),
    _count("count"),
    Column("locked_until", Moment),
    _count("locks"),
)

budgets = Table(
    # Request budgets; see core.budgets. A number and not a moment, because it is calculated with on both databases.
    "budgets",
    metadata,
    Column("scope", String(64), primary_key=True),  # team:ID, provider:NAME
    Column("whole_at", sa.Double, nullable=False),  # seconds since 1970
)

audit_log = Table(
    # Append-only: triggers made by the migrations refuse UPDATE and DELETE, except that an actor becomes a pseudonym.
    "audit_log",
    metadata,
    _id(),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(120), nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("subject_id", Id),
    Column("before", Json),
    Column("after", Json),
    Index("ix_audit_log_subject", "subject", "subject_id"),
)

notices = Table(
    # The outbox.
    "notices",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),  # telegram, discord, terminal, mail, operators
    Column("recipient", String(320), nullable=False),
    Column("template", String(64), nullable=False),
    Column("facts", Json, nullable=False),
    Column("language", String(16)),
    Column("dedupe", String(200), unique=True),
    Column("state", State(8), nullable=False, default="ready", server_default="ready"),
    _count("tries"),
    Column("due_at", Moment, nullable=False),
    Column("claim", String(32)),
    Column("message_ref", String(200)),  # the sent message, to edit it later
    Column("error", String(200)),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    _states("state", "ready", "sent", "dead"),
    _partial("ix_notices_due", "due_at", "id", where="state = 'ready'"),
    _partial("ix_notices_order", "channel", "recipient", "id", where="state = 'ready'"),
)

hooks = Table(
    # Addresses of other systems that are told what happens; the notices to them are of the channel `hook`.
    "hooks",
    metadata,
    _id(),
    Column("url", String(500), nullable=False),
    Column("events", Text, nullable=False, default="", server_default=""),  # with commas between them; empty: all
    Column("reference", String(32), nullable=False, unique=True),  # what the secret is bound to
    Column("secret", LargeBinary, nullable=False),
    Column("state", State(8), nullable=False, default="active", server_default="active"),
    Column("maker", String(120), nullable=False),
    Column("failing_since", Moment),
    Column("last_error", String(200)),
    Column("created_at", Moment, nullable=False),
    _states("state", "active", "paused", "removed"),
)

inbox = Table(
    # What the platforms brought, kept until it is answered: acknowledged after the commit, keyed by the platform's id.
    "inbox",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("lane", String(120), nullable=False),  # events of one chat are answered one after the other
    Column("payload", LargeBinary, nullable=False),
    Column("state", State(8), nullable=False, default="ready", server_default="ready"),
    _count("tries"),
    Column("claim", String(32)),
    Column("due_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("done_at", Moment),
    _states("state", "ready", "done", "dead"),
    _partial("ix_inbox_due", "due_at", where="state = 'ready'"),
    Index("ix_inbox_received", "received_at"),
)

dialogues = Table(
    # What a chat was asked and has answered so far. Ciphertext: an answer may be a code or a credential.
    "dialogues",
    metadata,
    Column("identity", String(120), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

buttons = Table(
    # A button carries only a random nonce; what it does and who may press it stands here.
    "buttons",
    metadata,
    Column("nonce", String(32), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("action", LargeBinary, nullable=False),
    _flag("once", False),
    Column("used_at", Moment),
    Column("expires_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    Column("category", String(32), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("level", String(16), nullable=False),
    Column("title", String(64), nullable=False),  # key of its text
    Column("facts", Json, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("last_seen_at", Moment, nullable=False),
    _count("count", 1),
    Column("muted_until", Moment),
    Column("resolved_at", Moment),
    Column("resolved_by", String(120)),
    Column("over_at", Moment),  # when its condition ended; one that was closed by hand may go on
    _states("level", "info", "warning", "error", "critical"),
    _states("category", "team_capacity", "transfer_failure", "provider", "database", "security", "system"),
    _partial("uq_alerts_open", "category", "subject", unique=True, where="resolved_at IS NULL"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    Column("platform", String(16), nullable=False),
    Column("chat_id", String(100), nullable=False),  # with the topic, where there is one: CHAT/TOPIC
    Column("level", String(16), nullable=False),
    Column("categories", Json, nullable=False),
    Column("language", String(16)),
    Column("quiet_from", String(5)),
    Column("quiet_to", String(5)),
    Column("timezone", String(64)),
    Column("report_at", String(5)),  # when the daily report comes, in its time zone; none: never
    Column("reported_day", Integer),  # the last day that was reported, as by `datetime.date.toordinal`
    Column("maker", String(120), nullable=False),
    Column("unreachable_since", Moment),
    Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("platform", "chat_id"),
)

alert_messages = Table(
    "alert_messages",
    metadata,
    _id(),
    Column("alert_id", Id, ForeignKey("alerts.id"), nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("chat_id", String(100), nullable=False),
    Column("message_ref", String(200), nullable=False),
    Column("sent_at", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("kind", String(32), nullable=False),
    Column("arguments", Json, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("state", State(16), nullable=False),
    Column("maker", String(120), nullable=False),
    Column("platform", String(16)),
    Column("chat_id", String(100)),
    Column("message_ref", String(200)),
    Column("language", String(16)),
    _count("tries"),
    _flag("cancel_wanted", False),
    Column("claim", String(32)),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    _states("state", "pending", "running", "done", "failed", "cancelled"),
    _partial("uq_jobs_pending", "fingerprint", unique=True, where="state = 'pending'"),
    _partial("ix_jobs_due", "due_at", where="state IN ('pending', 'running')"),
)

job_items = Table(
    "job_items",
    metadata,
    _id(),
    Column("job_id", Id, ForeignKey("jobs.id"), nullable=False),
    Column("subject", String(320), nullable=False),
    Column("state", State(8), nullable=False, default="pending", server_default="pending"),
    _count("tries"),
    Column("reason", String(64)),
    Column("done_at", Moment),
    _states("state", "pending", "done", "failed", "skipped"),
    sa.UniqueConstraint("job_id", "subject"),
    Index("ix_job_items_job", "job_id", "state"),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("claim", String(32)),
    Column("claimed_until", Moment),
    _flag("paused", False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("outcome", String(200)),
    Column("facts", Json),
)

facts = Table(
    # Small facts that processes share: the hash of the registered slash commands, when a switch was turned on, …
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Json, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

setting_rows = Table(
    # What staff have set by command, over the configuration. Never a secret.
    "setting_rows",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Json, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(120), nullable=False),
)

figure_changes = Table(
    # What triggers (`core.storage.migrations.v0001_figures`) note of every seat, lease and redemption that changes, so
    # that no writer can forget to count. A sweep folds the rows into `figures`; the truth is both together.
    "figure_changes",
    metadata,
    _id(),
    Column("pool_id", Id, nullable=False),  # 0: no pool
    Column("team_id", Id),
    Column("hour", Integer, nullable=False),  # hours since 1970; 0: no moment, a standing figure
    Column("name", String(40), nullable=False),
    Column("amount", Integer, nullable=False),
)

figures = Table(
    # Day 0 holds standing figures (seats.free, leases.active, …) and the sums over all time of the daily ones. Days
    # are those of the configured time zone when they were folded, numbered as by `datetime.date.toordinal`.
    "figures",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("pool_id", Id, primary_key=True, autoincrement=False),
    Column("name", String(40), primary_key=True),
    Column("amount", Id, nullable=False),
)

team_figures = Table(
    # The seats of each team as last folded, to find the fullest ones without counting all.
    "team_figures",
    metadata,
    Column("team_id", Id, ForeignKey("teams.id"), primary_key=True, autoincrement=False),
    Column("pool_id", Id, nullable=False),
    _count("free"),
    _count("closed"),  # free, but of a team that is disabled or not healthy
    _count("held"),
    _count("taken"),
    Column("share", Integer, nullable=False),  # held and taken, in thousandths of all
    Index("ix_team_figures_share", "share"),
    Index("ix_team_figures_pool", "pool_id", "share"),
)

drafts = Table(
    # What somebody has written and not confirmed yet: an import, an announcement. Ciphertext, for it may hold secrets.
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(120), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
