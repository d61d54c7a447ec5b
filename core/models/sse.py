"""Server-sent events as they come off a socket: in pieces cut anywhere, with any of the three line ends."""

from __future__ import annotations

from typing import Final

_MARK: Final = b"\xef\xbb\xbf"


class EventReader:
    """Gives the data of each event as soon as its blank line is here; comments and other fields are passed over.

    Where the pieces are cut makes no difference. Never holds more than `limit` bytes of a line or of an event, and
    one piece: what is longer sets `too_long`, and nothing comes after that.
    """

    def __init__(self, limit: int) -> None:
        self.too_long = False
        self._limit = limit
        self._rest = bytearray()  # a line without its end
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that end in `piece`."""
        if self._after_cr and piece.startswith(b"\n"):  # the second half of a line end that was cut in two
            piece = piece[1:]
            self._after_cr = False
        if not piece or self.too_long:
            return []
        self._after_cr = piece.endswith(b"\r")
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = piece.split(b"\n")
        # Appending to what is held costs its own length only, so a line that comes byte by byte stays cheap.
        self._rest += lines[0]
        if len(lines) == 1:
            self.too_long = len(self._rest) > self._limit
            return []
        lines[0] = bytes(self._rest)
        self._rest = bytearray(lines.pop())
        return self._events(lines)

    def end(self) -> list[bytes]:
        """The last event, where the server left out the blank line after it. Only for a body that ended properly."""
        return self.feed(b"\n\n")

    def _events(self, lines: list[bytes]) -> list[bytes]:
        found = []
        for line in lines:
            if not line:
                data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                if data:
                    found.append(data)
                self._data, self._size = [], 0
                continue
            if self._first:
                self._first = False
                line = line.removeprefix(_MARK)  # noqa: PLW2901 - the same line, without the mark
            if len(line) > self._limit:
                self.too_long = True
                break
            name, _, value = line.partition(b":")
            if name != b"data":
                continue
            self._data.append(value.removeprefix(b" "))
            self._size += len(line)
            if self._size > self._limit:
                self.too_long = True
                break
        return found
