"""Refusals of codes that are not for everybody, or not for any number."""

from __future__ import annotations

from core.errors import CodeRefused, Refusal, TooMany


class CodeForAnother(CodeRefused):
    """It was made for one address, or for one person, and this is another: as good as unknown."""

    key = "code_refused"


class PersonLimit(Refusal):
    """One person may use no more codes of this batch. Facts: most."""

    key = "person_limit"


class CodeGivesNoSeat(Refusal):
    """The code is good and gives something else. Facts: gives (credit, plan, access), amount (a decimal), plan."""

    key = "code_gives_no_seat"


class DailyLimit(TooMany):
    """One person may redeem no more today. Facts: most, until (UTC)."""

    key = "daily_limit"


class ChooseTeam(Refusal):
    """In this pool people say which team they want. Facts: pool, teams (names), full (the one that was wanted, or "none")."""

    key = "choose_team"
