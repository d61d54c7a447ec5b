"""Events off a socket: where the pieces are cut, and how the lines end, is nobody's business."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.models.sse import EventReader

LIMIT = 200
LINES = st.sampled_from(
    [
        b"data: one",
        b"data:two",
        b"data:  spaced",
        b"data",
        b"data:",
        b"data: [DONE]",
        "data: 漢字🎉".encode(),
        b"datax: no",
        b": a comment",
        b":",
        b"event: message",
        b"id: 7",
        b"retry: 10",
        b"\xef\xbb\xbfdata: marked",
        b"data: \xff\xfe broken bytes",
        b"data: " + b"x" * (LIMIT - 6),
        b"data: " + b"x" * LIMIT,
        b"",
        b"",
        b"",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def bodies(draw) -> bytes:
    return b"".join(line + draw(ENDS) for line in draw(st.lists(LINES, max_size=20)))


@st.composite
def cut(draw, body: bytes) -> list[bytes]:
    places = sorted(draw(st.sets(st.integers(0, len(body)), max_size=12)))
    return [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]


def read(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    reader = EventReader(LIMIT)
    found = [data for piece in pieces for data in reader.feed(piece)]
    return found + reader.end(), reader.too_long


@given(st.data())
def test_any_cut_gives_the_same_events(data):
    body = data.draw(bodies())
    whole = read([body])
    assert read(data.draw(cut(body))) == whole
    assert read([bytes([byte]) for byte in body]) == whole


@given(st.lists(LINES.filter(lambda line: len(line) < LIMIT), max_size=20), ENDS)
def test_any_line_end_gives_the_same_events(lines, end):
    assert read([end.join([*lines, b""])]) == read([b"\n".join([*lines, b""])])


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0"), min_size=1), max_size=8))
def test_what_was_written_is_what_is_read(texts):
    body = "".join(f"data: {text}\n\n" for text in texts).encode(errors="replace")
    if max((len(text.encode(errors="replace")) for text in texts), default=0) < LIMIT - 6:
        assert read([body])[0] == [text.encode(errors="replace") for text in texts]


def test_several_lines_are_one_event():
    assert read([b'data: {"a":\ndata: 1}\n\n']) == ([b'{"a":\n1}'], False)


def test_an_event_is_here_with_its_blank_line_and_no_later():
    for blank in (b"\n\n", b"\r\n\r\n", b"\r\r"):
        reader = EventReader(LIMIT)
        assert reader.feed(b"data: now" + blank) == [b"now"]


def test_the_last_event_may_lack_its_blank_line():
    assert read([b"data: [DONE]"]) == ([b"[DONE]"], False)


def test_a_line_beyond_the_limit_ends_it_and_holds_little():
    reader = EventReader(LIMIT)
    assert reader.feed(b"data: good\n\ndata: ") == [b"good"]
    for _ in range(LIMIT):
        reader.feed(b"x")
    assert reader.too_long
    assert reader.feed(b"\n\ndata: later\n\n") == []
    assert len(reader._rest) <= LIMIT + 1


def test_an_event_of_many_lines_beyond_the_limit_ends_it():
    reader = EventReader(LIMIT)
    assert reader.feed(b"data: x\n" * LIMIT + b"\n") == []
    assert reader.too_long
