"""How keys are written, and what each scope is worth."""

from __future__ import annotations

import pytest

from core.actors import Role
from core.rules.keys import BODY, SYMBOLS, is_key, needed_role, role_of, scopes_left, whole_key

BODIES = ("A" * BODY, "0" * BODY, SYMBOLS[:BODY])
KEY = whole_key(BODIES[2])


def test_the_check_symbols_are_those_of_the_keys_that_people_have():
    """Another reckoning would refuse every key that was ever given out."""
    assert [whole_key(body)[-4:] for body in BODIES] == ["bhfn", "WZkr", "b38d"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (KEY, True),
        (KEY[:-1], False),
        (KEY + "A", False),
        (KEY[1:], False),
        (f" {KEY}", False),
        (KEY.swapcase(), False),
        (KEY[:-1] + ("A" if KEY[-1] != "A" else "B"), False),
        (KEY.replace("AB", "BA"), False),
        (KEY.replace("A", "-", 1), False),
        ("", False),
    ],
)
def test_only_a_whole_key_is_looked_up(text: str, fits: bool):
    assert is_key(text) is fits


@pytest.mark.parametrize(
    ("scopes", "needed", "acts_as"),
    [
        ((), Role.ANYONE, Role.ANYONE),
        (("chat", "redeem"), Role.ANYONE, Role.ANYONE),
        (("verify",), Role.VIEWER, Role.ANYONE),  # whoever may look codes up acts as nobody of the staff
        (("chat", "figures"), Role.VIEWER, Role.ANYONE),
        (("viewer",), Role.VIEWER, Role.VIEWER),
        (("operator", "viewer"), Role.OPERATOR, Role.OPERATOR),
        (("viewer", "admin", "chat"), Role.ADMIN, Role.ADMIN),
    ],
)
def test_what_scopes_need_and_what_they_let_a_key_be(scopes: tuple[str, ...], needed: Role, acts_as: Role):
    assert needed_role(scopes) is needed
    assert role_of(scopes) is acts_as


@pytest.mark.parametrize(
    ("role", "left"),
    [
        (Role.ANYONE, {"chat"}),
        (Role.VIEWER, {"chat", "verify", "viewer"}),
        (Role.OPERATOR, {"chat", "verify", "viewer", "operator"}),
        (Role.ADMIN, {"chat", "verify", "viewer", "operator", "admin"}),
    ],
)
def test_a_scope_counts_while_its_person_has_the_role(role: Role, left: set[str]):
    given = ("chat", "verify", "viewer", "operator", "admin", "of_tomorrow")
    assert scopes_left(given, role) == left
