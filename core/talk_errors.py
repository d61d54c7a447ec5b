"""The refusals of the second wing: questions to models, what they cost, and who answers them. As in `core.errors`."""

from __future__ import annotations

from core.errors import BadInput, NothingFree, Refusal, TooMany


class BadAmount(BadInput):
    """No amount of credit: not a number, too precise, too small or too large. Facts: name, text."""

    key = "bad_amount"


class TooLong(BadInput):
    """A question that does not fit into the model's context. Facts: most, given (tokens)."""

    key = "too_long"


class NothingAsked(BadInput):
    """A question in which there is nothing to read, and which brings nothing along."""

    key = "nothing_asked"


class QuestionAsked(Refusal):
    """A model was chosen for this question before, and has been asked it."""

    key = "question_asked"


class NotEnoughCredit(NothingFree):
    """Facts: needed, left (decimals), and alone where the conversation so far is what makes it dear: without it."""

    key = "not_enough_credit"


class CreditLimitExceeded(NothingFree):
    """Codes would promise more credit than their pool may. Facts: wanted, available (decimals)."""

    key = "credit_limit_exceeded"


class NoSource(NothingFree):
    """No account can answer just now: none offers the model, or all rest or failed. Facts: model."""

    key = "no_source"


class AllBusy(NothingFree):
    """Every slot of the model's sources is taken. Facts: model."""

    key = "all_busy"


class UpstreamRefused(Refusal):
    """The model's upstream will not answer this question. Facts: reason (too_long, filtered, parameter, other)."""

    key = "upstream_refused"


class UpstreamFailed(Refusal):
    """Every source that was tried failed before the first word; nothing was charged. Facts: model, late (in time)."""

    key = "upstream_failed"


class ModelNotAllowed(Refusal):
    """The asker's plan, or the key, does not include the model. Facts: model."""

    key = "model_not_allowed"


class KeyRevoked(Refusal):
    """The key was revoked, paused or has ended."""

    key = "key_revoked"


class KeyUnknown(Refusal):
    """No key that counts: mistyped, unknown, ended, paused or revoked. One answer to all of them."""

    key = "key_unknown"


class TooManyWrongKeys(TooMany):
    """From this address came more wrong keys than are answered in a minute."""

    key = "too_many_wrong_keys"


class SiteUnknown(Refusal):
    """Nobody can be linked with a site of that name. Facts: site, sites (those that there are), count (of them)."""

    key = "site_unknown"


class OutsideRefused(Refusal):
    """An identity at another site was not linked, or is none to be unlinked (not_linked).

    Facts: site, reason (off, over, declined, failed, taken, other, not_linked).
    """

    key = "outside_refused"


class SubaccountRefused(Refusal):
    """Nobody got an account at a parent. Facts: parent, reason (refused, unavailable, suspended, ended)."""

    key = "subaccount_refused"


class TooManyKeys(Refusal):
    """The person has as many keys as their plan allows. Facts: most (0: the plan has none)."""

    key = "too_many_keys"


class TooManyQuestions(TooMany):
    key = "too_many_questions"


class TooManyAtOnce(Refusal):
    """As many questions of this person are being answered as the plan allows. Facts: most."""

    key = "too_many_at_once"


class SpendLimit(Refusal):
    """The person's own limit for a day. Facts: limit, spent, needed (decimals), and alone as in `NotEnoughCredit`."""

    key = "spend_limit"


class SponsorLimit(Refusal):
    """What is paid for in a group within a day. Facts: limit (decimals)."""

    key = "sponsor_limit"


class SponsorGone(Refusal):
    """Whoever paid in this group when the question was asked does not any more."""

    key = "sponsor_gone"


class AlreadySponsored(Refusal):
    """Somebody else pays for the questions of this group."""

    key = "already_sponsored"


class NotSponsored(Refusal):
    """It is not the asker who pays for the questions of this group."""

    key = "not_sponsored"


class Suspended(Refusal):
    """The person was suspended by staff."""

    key = "suspended"


class LendingOff(Refusal):
    """Nobody lends accounts here: `sources.lending` is off."""

    key = "lending_off"


class TooManySources(Refusal):
    """The person has as many accounts of their own as they may. Facts: most (0: nobody may)."""

    key = "too_many_sources"


class TalkOff(Refusal):
    """Nobody talks with a model here: there is none, or `talk.enabled` is off."""

    key = "talk_off"


class TooManyFiles(Refusal):
    """More than one question may bring along. Facts: kind (image, file, voice), most."""

    key = "too_many_files"


class FileTooLarge(Refusal):
    """Facts: kind (image, file, voice), name, most (megabytes, a decimal)."""

    key = "file_too_large"


class FileNotText(Refusal):
    """A file that holds no text. Facts: name."""

    key = "file_not_text"


class NoPicture(Refusal):
    """A picture of a kind that no model takes, or none at all. Facts: name."""

    key = "no_picture"


class KindNotTaken(Refusal):
    """Something that no model here can be asked about: a film, a sticker, a place."""

    key = "kind_not_taken"


class FileNotFetched(Refusal):
    """The platform did not give the file away. Facts: name."""

    key = "file_not_fetched"


class NobodyHears(Refusal):
    """Spoken words, and no model is configured that writes them down."""

    key = "nobody_hears"


class ModelSeesNot(Refusal):
    """The model takes no pictures. Facts: model."""

    key = "model_sees_not"


class PictureNotFetched(Refusal):
    """A picture that a program named by its address was not to be had. Facts: param (where it stands), why."""

    key = "picture_not_fetched"


class ModelNotPriced(Refusal):
    """A model that a source has named is to be asked, and nobody has said what it costs. Facts: name."""

    key = "model_not_priced"
