"""What a code looks like, and that no single slip of the finger ever turns one code into another."""

from __future__ import annotations

import itertools
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExampleCode, Mistyped
from core.rules.code_symbols import SYMBOLS, TIMES_ALPHA, times_alpha
from core.rules.codes import (
    ANYTHING,
    DEFAULT_SHAPE,
    Shape,
    canonical,
    check_passes,
    digested,
    generate,
    generate_many,
    imported_shapes,
    is_example,
    read_code,
    read_imported,
)

OLDER = Shape("TEAM", (4, 4, 4), native=False)
NATIVE = st.builds(
    lambda prefix, groups: Shape(prefix, (4,) * groups),
    st.sampled_from(["TEAM", "POOL", "PLUS", "T", "B2B", "LILO"]),
    st.integers(3, 6),
)


def test_a_code_is_a_prefix_and_four_groups_of_four():
    prefix, *groups = generate().split("-")
    assert prefix == "TEAM"
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(SYMBOLS)


def test_the_alphabet_has_nothing_that_is_read_in_two_ways():
    assert len(set(SYMBOLS)) == 32
    assert not set(SYMBOLS) & set("ILOU")


@pytest.mark.parametrize(
    "typed",
    [
        "team-0a1b-2c3d-4e5f-6g7{}",
        "TEAM 0A1B 2C3D 4E5F 6G7{}",
        "TEAM0A1B2C3D4E5F6G7{}",
        "  team_oaib_2c3d_4e5f_6g7{}  ",
        "ＴＥＡＭ－０Ａ１Ｂ－２Ｃ３Ｄ－４Ｅ５Ｆ－６Ｇ７{}",
        "TEAM-OALB-2C3D-4E5F-6G7{}",
        "T\u200bEAM-0A1B\u200e-2C3D\u2060-4E5F\ufeff-6G7{}",
        "TEAM–0A1B—2C3D−4E5F‑6G7{}",
    ],
)
def test_however_it_is_typed_it_is_the_same_code(typed):
    code = next(
        text
        for text in (f"TEAM-0A1B-2C3D-4E5F-6G7{last}" for last in SYMBOLS)
        if check_passes(canonical(text), DEFAULT_SHAPE)
    )
    read = read_code(typed.format(code[-1].lower()), [DEFAULT_SHAPE])
    assert (read.canonical, read.display, read.last4) == (canonical(code), code, code[-4:])


def test_the_pool_keeps_the_spelling_of_its_prefix_although_the_digest_does_not():
    shape = Shape("POOL", (4, 4, 4))
    code = generate(shape)
    assert code.startswith("POOL-")
    assert canonical(code).startswith("P001")
    assert read_code(code.replace("POOL", "P0o1"), [shape]).display == code


@given(st.text())
def test_the_canonical_spelling_is_final(text):
    once = canonical(text)
    assert canonical(once) == once
    assert set(once) <= set(SYMBOLS) | {"U"}


@given(st.text())
def test_composed_and_decomposed_spellings_agree(text):
    assert canonical(unicodedata.normalize("NFC", text)) == canonical(unicodedata.normalize("NFD", text))


def test_lone_surrogates_and_nul_vanish():
    assert canonical("TE\ud800AM\x00-1\udfff") == "TEAM1"


def test_a_million_combining_marks_take_no_time():
    started = time.process_time()
    canonical("T" + "\u0301\u0316" * 500_000)
    assert time.process_time() - started < 2


@given(NATIVE, st.data())
def test_every_changed_symbol_is_noticed(shape, data):
    symbols = canonical(generate(shape))
    place = data.draw(st.integers(len(shape.prefix), shape.length - 1))
    other = data.draw(st.sampled_from([symbol for symbol in SYMBOLS if symbol != symbols[place]]))
    assert not check_passes(symbols[:place] + other + symbols[place + 1 :], shape)


@given(NATIVE, st.data())
def test_every_exchange_of_two_symbols_is_noticed_also_of_distant_ones(shape, data):
    symbols = list(canonical(generate(shape)))
    one, two = data.draw(st.lists(st.integers(0, shape.length - 1), min_size=2, max_size=2, unique=True))
    before = list(symbols)
    symbols[one], symbols[two] = symbols[two], symbols[one]
    assert symbols == before or not check_passes("".join(symbols), shape)


def test_every_slip_in_one_code_is_noticed_without_exception():
    shape = Shape("TEAM", (4,) * 6)
    symbols = canonical(generate(shape))
    for place, other in itertools.product(range(4, shape.length), SYMBOLS):
        changed = symbols[:place] + other + symbols[place + 1 :]
        assert check_passes(changed, shape) == (changed == symbols)
    for one, two in itertools.combinations(range(shape.length), 2):
        swapped = list(symbols)
        swapped[one], swapped[two] = swapped[two], swapped[one]
        assert check_passes("".join(swapped), shape) == ("".join(swapped) == symbols)


def test_the_weights_of_31_places_differ_which_is_why():
    assert len({times_alpha(1, exponent) for exponent in range(31)}) == 31
    assert sorted(TIMES_ALPHA) == list(range(32))


def test_the_check_symbol_covers_the_prefix():
    team, teak = Shape("TEAM"), Shape("TEAK")
    symbols = canonical(generate(team))
    assert not check_passes(symbols.replace("TEAM", "TEAK", 1), teak)


def test_a_body_never_holds_a_u():
    for code in generate_many(Shape("PLUS"), 500):
        symbols = canonical(code)
        if "V" in symbols:
            assert not check_passes(symbols.replace("V", "U"), Shape("PLUS"))


@given(NATIVE)
def test_made_codes_pass_their_own_check(shape):
    for code in generate_many(shape, 20):
        assert shape.display(canonical(code)) == code
        assert check_passes(canonical(code), shape)


def test_a_million_codes_take_seconds_and_none_comes_twice():
    started = time.process_time()
    codes = set(generate_many(DEFAULT_SHAPE, 1_000_000))
    assert len(codes) == 1_000_000
    assert time.process_time() - started < 10


def test_every_symbol_is_as_likely_as_every_other():
    counts = dict.fromkeys(SYMBOLS, 0)
    for code in generate_many(DEFAULT_SHAPE, 20_000):
        for symbol in code[5:].replace("-", ""):
            counts[symbol] += 1
    expected = 20_000 * 16 / 32
    # Six standard deviations: a fair source does not fail this in the life of the project.
    assert all(abs(count - expected) < 6 * expected**0.5 for count in counts.values())


def test_the_same_noise_makes_the_same_codes_one_at_a_time_or_many():
    assert generate(DEFAULT_SHAPE, lambda size: b"\x07" * size) == next(
        generate_many(DEFAULT_SHAPE, 1, lambda size: b"\x07" * size)
    )
    assert len(list(generate_many(DEFAULT_SHAPE, 50_001))) == 50_001
    assert list(generate_many(DEFAULT_SHAPE, 0)) == []


@pytest.mark.parametrize(
    "shape",
    [
        lambda: Shape("TEAM", (4, 4)),
        lambda: Shape("TEAM", (4,) * 7),
        lambda: Shape("TEAM", (5, 5, 5)),
        lambda: Shape("team", (4, 4, 4)),
        lambda: Shape("", (4, 4, 4)),
        lambda: Shape("4EVER", (4, 4, 4)),
        lambda: Shape("ABCDEFGH", (4,) * 6),
        lambda: Shape("A", (0,), native=False),
    ],
)
def test_shapes_that_cannot_keep_the_promise_are_refused(shape):
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is for programmers
        shape()


def test_only_native_codes_are_made():
    with pytest.raises(ValueError, match="native"):
        generate(OLDER)


@pytest.mark.parametrize(
    "shape", [DEFAULT_SHAPE, Shape("POOL", (4,) * 6), OLDER, ANYTHING, Shape("", (10,), native=False)]
)
def test_a_stored_shape_comes_back(shape):
    assert Shape.from_stored(shape.stored) == shape


def test_what_is_no_stored_shape_is_refused():
    with pytest.raises(ValueError, match="native or imported"):
        Shape.from_stored("foreign:TEAM:4-4")


# Reading


def wrong(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def test_a_typing_error_is_told_at_once_with_the_layout_that_was_meant():
    with pytest.raises(Mistyped) as refused:
        read_code(wrong(generate()), [DEFAULT_SHAPE, Shape("POOL", (4, 4, 4))])
    assert refused.value.facts == {"expected": "TEAM-XXXX-XXXX-XXXX-XXXX"}


@pytest.mark.parametrize("text", ["", "hello", "TEAM", "TEAM-1234", "我的码", "\x00", "TEAM-" * 1000])
def test_a_text_of_no_shape_is_mistyped(text):
    with pytest.raises(Mistyped):
        read_code(text, [DEFAULT_SHAPE])


def test_codes_of_an_older_system_are_taken_as_they_are():
    read = read_code("team abcd efgh jkmn", [DEFAULT_SHAPE, OLDER])
    assert (read.display, read.shape) == ("TEAM-ABCD-EFGH-JKMN", OLDER)


def test_a_native_layout_that_an_imported_shape_shares_is_accepted_unchecked():
    same = Shape("TEAM", (4, 4, 4, 4), native=False)
    code = generate()
    assert read_code(code, [same, DEFAULT_SHAPE]).shape == DEFAULT_SHAPE
    assert read_code(wrong(code), [DEFAULT_SHAPE, same]).shape == same


def test_the_wildcard_takes_what_nothing_else_takes():
    read = read_code(" Vip_Gold-7 ", [ANYTHING, DEFAULT_SHAPE, OLDER])
    assert (read.canonical, read.display, read.shape) == ("V1PG01D7", "Vip_Gold-7", ANYTHING)
    assert read_code(generate(), [ANYTHING, DEFAULT_SHAPE]).shape == DEFAULT_SHAPE
    with pytest.raises(Mistyped):
        read_code("abc", [ANYTHING])


def test_a_code_does_not_show_itself_in_a_traceback():
    code = generate()
    assert code[5:14] not in repr(read_code(code, [DEFAULT_SHAPE]))


@given(st.text(), st.lists(st.sampled_from([DEFAULT_SHAPE, OLDER, ANYTHING]), unique=True))
def test_reading_any_text_gives_a_code_or_a_typing_error(text, shapes):
    try:
        read = read_code(text, shapes)
    except Mistyped:
        return
    assert read.shape in shapes
    assert read.canonical == canonical(text)


# Importing


def test_an_import_finds_the_layouts_of_its_codes():
    texts = ["VIP-ABCD-1234", "vip-wxyz-9876", "0A1B2C3D4E", "1111-2222", "", "  "]
    assert imported_shapes(texts) == (
        Shape("VIP", (4, 4), native=False),
        Shape("", (10,), native=False),
        Shape("", (4, 4), native=False),
    )


def test_groups_that_differ_are_no_prefix():
    assert imported_shapes(["AAAA-1111", "BBBB-2222"]) == (Shape("", (4, 4), native=False),)


def test_too_many_layouts_are_none():
    assert imported_shapes("X" * length for length in range(5, 25)) == (ANYTHING,)


def test_codes_that_would_become_one_are_not_imported():
    assert read_imported("VIP-ABCD-1234").canonical == "V1PABCD1234"
    for text in ("春节-A1B2", "Ä1B2C3", "abc", "X" * 65, ""):
        with pytest.raises(Mistyped):
            read_imported(text)


@given(st.lists(st.text(alphabet="ABCxyz0189-_ ", min_size=4, max_size=20), max_size=6))
def test_every_imported_code_is_read_again_by_the_shapes_of_its_import(texts):
    shapes = imported_shapes(texts)
    for text in texts:
        if len(canonical(text)) >= 4:
            assert read_code(text, shapes).canonical == canonical(text)


# Where each rule ends


def test_the_widest_native_shapes():
    assert Shape("TEAMABC", (4,) * 6).length == 31
    for prefix, groups in (("TEAMABCD", 6), ("T", 7), ("TEAM", 2)):
        with pytest.raises(ValueError, match="a native code has"):
            Shape(prefix, (4,) * groups)


@pytest.mark.parametrize(
    ("shape", "symbols", "fits"),
    [
        (ANYTHING, "A" * 3, False),
        (ANYTHING, "A" * 4, True),
        (ANYTHING, "A" * 64, True),
        (ANYTHING, "A" * 65, False),
        (Shape("V1P", (4,), native=False), "V1P0001", True),
        (Shape("V1P", (4,), native=False), "V1P00012", False),
        (Shape("V1P", (4,), native=False), "XYZ0001", False),
        (Shape("V1P", (), native=False), "V1P0001", False),  # a shape that is one word, and no wildcard
    ],
)
def test_a_shape_fits_by_length_and_prefix(shape: Shape, symbols: str, fits: bool):
    assert shape.fits(symbols) is fits


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("TEAM-XXXX-XXXX", True),
        ("TEAM-XXXX-XXX", False),
        ("TEAM-0000-0000-0000-0000", True),
        ("TEAM-1234-5678-9ABC-DEFG", True),
        ("TEAM-1234-5678", True),
        ("TEAM-1234-567", False),
        ("TEAM-1234-5679", False),
        ("POOL-1234-5678-9ABC", True),
        ("CLUB-1234-5678-9ABC", False),
        ("XXXX-XXXX-XXXX", False),
    ],
)
def test_what_the_texts_show_is_no_code(text: str, example: bool):
    assert is_example(canonical(text), [Shape("POOL", (4, 4, 4))]) is example


def test_an_example_is_shown_again_in_part():
    with pytest.raises(ExampleCode) as refused:
        read_code("TEAM" + "-" * 60 + "XXXX-XXXX-XXXX-XXXX", [DEFAULT_SHAPE])
    assert refused.value.facts == {"expected": DEFAULT_SHAPE.example, "code": "TEAM" + "-" * 60}


def test_a_hash_of_another_system_is_digested_as_it_is():
    assert digested("sha256:ab-cd-o") == "sha256:ab-cd-o"
    assert digested("ab-cd-o") == "ABCD0"


def test_signs_that_join_are_no_part_of_an_imported_code():
    assert read_imported("vip_0001.a 2–b").canonical == "V1P0001A2B"
    assert read_imported("A1B2" + "  C3D4" * 15).display == "A1B2" + "  C3D4" * 15
    assert len(read_imported("   ".join("A1" * 32)).display) == 128


@pytest.mark.parametrize(
    ("texts", "shapes"),
    [
        (["VIP-0001", "VIP-0002"], (Shape("VIP", (4,), native=False),)),
        (["ABCD1234", "ABCD1234"], (Shape("", (8,), native=False),)),  # the same code twice: no prefix of anything
        (["VIP-0001"], (Shape("", (3, 4), native=False),)),
        (["A" * size for size in range(1, 9)], tuple(Shape("", (size,), native=False) for size in range(1, 9))),
        (["A" * size for size in range(1, 10)], (ANYTHING,)),
        (["---", ""], ()),
    ],
)
def test_the_layouts_of_a_list(texts: list[str], shapes: tuple[Shape, ...]):
    assert imported_shapes(texts) == shapes


@pytest.mark.parametrize(
    ("text", "expected"),
    [("TEAM-AAAA-BBBB-CC", 3), ("TEAM-AAAA-BBBB-CCCC-DDDD-EEEE-1", 5), ("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG", 6)],
)
def test_of_several_layouts_the_nearest_was_meant(text: str, expected: int):
    shapes = [Shape("TEAM", (4,) * 3), Shape("TEAM", (4,) * 5), Shape("POOL", (4,) * 6)]
    with pytest.raises(Mistyped) as refused:
        read_code(text, shapes)
    assert refused.value.facts["expected"].count("-XXXX") == expected


@pytest.mark.parametrize("code", ["TEAM-NH52-ARQH-ZAHR-Y1D6", "team nh52 arqh zahr yld6"])
def test_codes_that_were_given_out_stay_codes(code: str):
    """Another reckoning of the check symbol would refuse every code that people have."""
    assert check_passes(canonical(code), DEFAULT_SHAPE)
