"""One slip of the finger away from a large provider, and what is no slip."""

from __future__ import annotations

import pytest

from core.rules.known_domains import nearest_known


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("xgmail.com", "gmail.com"),  # one too many: in front, within, at the end
        ("gxmail.com", "gmail.com"),
        ("gmail.comm", "gmail.com"),
        ("mail.comm", "mail.com"),
        ("otlook.com", "outlook.com"),  # one too few
        ("utlook.com", "outlook.com"),
        ("gmail.co", "gmail.com"),
        ("tmail.com", "gmail.com"),  # another one
        ("gmail.cim", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("mgail.com", "gmail.com"),  # two neighbours exchanged: in front, within, at the end
        ("gmali.com", "gmail.com"),
        ("gmail.cmo", "gmail.com"),
        ("gmxil.cxm", None),  # two slips
        ("gamli.com", None),
        ("gmail.ocm", "gmail.com"),
        ("xxgmail.com", None),
        ("tlook.com", None),
        ("gliam.com", None),  # letters exchanged that are no neighbours
    ],
)
def test_a_slip_is_one_character_or_two_neighbours(written: str, meant: str | None):
    assert nearest_known(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("qq.co", "qq.com"),
        ("qq.comm", "qq.com"),
        ("qq.c0m", "qq.com"),
        ("qqqq.com", None),
        ("q.con", None),
        ("qqq.com", "qq.com"),
        ("pq.com", None),
        ("qx.com", None),
        ("xqq.com", None),
        ("qqx.com", "qq.com"),
        ("aqq.com", None),
        ("mme.com", "me.com"),
        ("mee.com", "me.com"),
        ("em.com", None),
        ("yya.ru", "ya.ru"),
        ("aya.ru", None),
        ("mial.ru", "mail.ru"),
        ("164.com", "163.com"),  # three letters are long enough for any slip
    ],
)
def test_beside_a_short_name_every_other_one_is_near(written: str, meant: str | None):
    assert nearest_known(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("qq", "qq.com"),
        ("163", "163.com"),
        ("yandex", "yandex.com"),
        ("web", None),
        ("gmail.", None),
        ("acme", "acme.com"),
    ],
)
def test_the_ending_may_be_forgotten(written: str, meant: str | None):
    assert nearest_known(written, ["acme.com"]) == meant


def test_of_several_the_one_of_the_same_length_is_likelier():
    assert nearest_known("gmx.dt", ["gmx.dte"]) == "gmx.at"
    assert nearest_known("acme.exam", ["acme.exa", "acme.exbm", "acme.examp"]) == "acme.exbm"
    assert nearest_known("acme.exam", ["acme.examp", "acme.exa"]) == "acme.exa"


@pytest.mark.parametrize(("length", "asked"), [(64, True), (65, False)])
def test_a_very_long_domain_is_nobodys_slip(length: int, asked: bool):
    name = "x" * (length - 5)
    assert (nearest_known(f"{name}a.com", [f"{name}b.com"]) is not None) is asked
