"""Every refusal Usher can give, as a key and facts.

A refusal is an expected answer, not a failure: it says that nothing was lost and why the wish was not
granted. It holds no text; `bots/messages` has the words for each key in every language, and a test keeps
the two complete. What is wrong with a command stands in `core.command_errors`, what only questions to models
can be refused for in `core.talk_errors`.

    UsherError
    ├── Refusal                an answer to the person who asked
    │   ├── BadInput           what was written cannot be read
    │   ├── NotAllowed         the asker's role does not reach
    │   ├── NotFound           no such pool, team, batch, …
    │   ├── CodeRefused        the code cannot be used (uniform to strangers)
    │   ├── NothingFree        no seat, no quota
    │   ├── TooMany            a limit; `until` says when it ends
    │   └── Conflict           the state has moved on meanwhile
    ├── Busy                   the database is busy; nothing was changed, try again
    ├── OutcomeUnknown         the database was lost around a commit and cannot be asked; look before trying again
    └── Misconfigured          the process must not start
"""

from __future__ import annotations

from typing import Any, ClassVar


class UsherError(Exception):
    """Base of everything Usher raises on purpose. `key` names the text, `facts` fill it."""

    key: ClassVar[str] = "error"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.key)
        self.facts = facts

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key})"


class Refusal(UsherError):
    """An expected no, with nothing changed."""

    key = "refused"


class BadInput(Refusal):
    key = "bad_input"


class BadAddress(BadInput):
    key = "bad_address"


class AddressDoubtful(BadAddress):
    """Not everything around it was understood. Facts: written, meant (to choose from, may be empty), count."""

    key = "address_doubtful"


class AddressMasked(BadAddress):
    """Letters of it were replaced, as Usher itself shows addresses to others. Facts: written."""

    key = "address_masked"


class AddressUnlikely(BadAddress):
    """It looks like a slip of the finger in the domain of a large provider. Facts: written, meant (one address)."""

    key = "address_unlikely"


class SeveralAddresses(BadAddress):
    """Facts: addresses, meant (the same)."""

    key = "several_addresses"


class Mistyped(BadInput):
    """The check symbol does not fit: a typing error, which costs no guess."""

    key = "mistyped_code"


class ExampleCode(Mistyped):
    """It is the code that the texts show as an example."""

    key = "example_code"


class BadTerm(BadInput):
    key = "bad_term"


class BadNumber(BadInput):
    """Facts: name, low, high."""

    key = "bad_number"


class BadChoice(BadInput):
    """Facts: name, value, choices (a readable list)."""

    key = "bad_choice"


class ListUnreadable(BadInput):
    """A file whose encoding cannot be made out."""

    key = "list_unreadable"


class TooManyCodes(BadInput):
    """Facts: most, given."""

    key = "too_many_codes"


class NoCodes(BadInput):
    key = "no_codes"


class CredentialUnreadable(BadInput):
    """Facts: reason, a key of `core.providers.credentials.REASONS`."""

    key = "credential_unreadable"


class NotAllowed(Refusal):
    """Facts: role (what would be needed), has (the asker's; "person" where the asker is nobody in particular)."""

    key = "not_allowed"


class Banned(Refusal):
    """Staff have shut the asker out. Facts: reason, until, for_good (then there is no `until`)."""

    key = "banned"


class StaffStays(Refusal):
    """It is not done to somebody who has a role: the role goes first. Facts: identity."""

    key = "staff_stays"


class PrivateOnly(Refusal):
    key = "private_only"


class NotFound(Refusal):
    """Facts: kind, name."""

    key = "not_found"


class NameTaken(Refusal):
    """Facts: kind, name."""

    key = "name_taken"


class CodeRefused(Refusal):
    """Unknown, disabled, expired or used up: one answer to strangers, so that guessing teaches nothing."""

    key = "code_refused"


class CodeUnknown(CodeRefused):
    key = "code_refused"


class CodeDisabled(CodeRefused):
    key = "code_refused"


class CodeExpired(CodeRefused):
    key = "code_refused"


class CodeUsedUp(CodeRefused):
    key = "code_refused"


class CodeSuspended(Refusal):
    """After a restore nobody knows whether the code was used already: staff decide. Facts: code."""

    key = "code_suspended"


class RestoredWait(Refusal):
    """The database is older than what has happened; until it is reconciled nothing is used, made, moved or ended."""

    key = "restored_wait"


class AddressUsedWithCode(Refusal):
    """The address already used this code, and the lease has ended since."""

    key = "address_used_with_code"


class AddressNotAllowed(Refusal):
    """Facts: domains (may be empty)."""

    key = "address_not_allowed"


class AddressRefusedUpstream(Refusal):
    """The provider says that this address cannot be invited."""

    key = "address_refused_upstream"


class NothingFree(Refusal):
    key = "nothing_free"


class NoSeats(NothingFree):
    """Every seat of the pool (or of the code's team) is taken. Facts: pool, waitlist."""

    key = "no_seats"


class TeamUnavailable(Refusal):
    """Seats exist, but no team could serve just now; nothing was used. Facts: pool."""

    key = "team_unavailable"


class QuotaExceeded(NothingFree):
    """Facts: wanted, available."""

    key = "quota_exceeded"


class TooMany(Refusal):
    """Facts: until (UTC)."""

    key = "too_many"


class TooManyAttempts(TooMany):
    key = "too_many_attempts"


class LockedOut(TooMany):
    key = "locked_out"


class SignInLocked(TooMany):
    """After several tokens that were not valid."""

    key = "sign_in_locked"


class Conflict(Refusal):
    key = "conflict"


class PlaceLost(Conflict):
    """The waiting place was given up, or is being served by another process."""

    key = "place_lost"


class PlaceServed(Conflict):
    """The waiting place is being served in this moment; the person hears how that ends."""

    key = "place_served"


class PlacesFull(Conflict):
    """No more waiting places. Facts: reason (code: its uses are all waited for; person: they have enough), most."""

    key = "places_full"


class NotRestored(Conflict):
    """The database is not known to be older than what has happened: there is nothing to reconcile."""

    key = "not_restored"


class RequestKeyReused(Conflict):
    """The same request key came with another content."""

    key = "request_key_reused"


class StillConfirming(Conflict):
    """A redemption of this code by this address is under way and will be settled."""

    key = "still_confirming"


class ButtonExpired(Conflict):
    key = "button_expired"


class ButtonNotYours(Conflict):
    key = "button_not_yours"


class ButtonUsed(Conflict):
    key = "button_used"


class ClaimTokenRefused(Refusal):
    """A staff sign-in token that is unknown, used or too old."""

    key = "claim_token_refused"


class LinkRefused(Refusal):
    """Two identities cannot be made one person. Facts: reason (staff, yourself, over)."""

    key = "link_refused"


class CodeHasUses(Conflict):
    """Codes with uses are disabled, never deleted. Facts: count."""

    key = "code_has_uses"


class WaitlistClosed(Refusal):
    key = "waitlist_closed"


class LeaseRefused(Conflict):
    """The lease is not in a state for this. Facts: reason (ended, held, moving, ending, unlimited, not_joined)."""

    key = "lease_refused"


class TeamInUse(Conflict):
    """A team is removed only when nobody has a seat in it. Facts: name, count."""

    key = "team_in_use"


class TransferRefused(Conflict):
    """Facts: reason."""

    key = "transfer_refused"


class LeaveRefused(Refusal):
    """Somebody cannot give up their role. Facts: reason (configured, last_owner)."""

    key = "leave_refused"


class BadSetting(BadInput):
    """Not a value of that setting. Facts: name, value, wanted (number, list, switch, choice, text), choices."""

    key = "bad_setting"


class BackupRefused(Refusal):
    """It cannot be made here. Facts: reason (postgresql, no_file, cannot_write, too_soon, unreadable, target: error)."""

    key = "backup_refused"


class NothingToDo(Refusal):
    """Nobody is left whom it could be done for. Facts: count (of those that were looked at)."""

    key = "nothing_to_do"


class Busy(UsherError):
    """The database stayed busy or away beyond the lock time-out; nothing was changed."""

    key = "busy"


class DatabaseGone(Busy):
    """The database file was deleted or replaced under the running process, which therefore writes nothing more.

    Facts: file.
    """

    key = "database_gone"


class OutcomeUnknown(UsherError):
    """It may have been done, and the database cannot be asked. Facts: about (the noun to look at)."""

    key = "outcome_unknown"


class Misconfigured(UsherError):
    """The process must not start. Facts: faults, a list of readable sentences for the operator."""

    key = "misconfigured"

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.facts.get("faults", []))
