"""Reading the one address in a text for certain, or saying which readings a person has to choose from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.errors import AddressDoubtful, AddressMasked, AddressUnlikely, BadAddress, SeveralAddresses
from core.rules.addresses import Address, read_address
from core.rules.codes import DEFAULT_SHAPE, Shape
from core.rules.known_domains import nearest_known
from core.rules.message_text import find_codes


def read_written(text: str, shapes: Sequence[Shape] = (DEFAULT_SHAPE,), known: Collection[str] = ()) -> Address:
    """The address that `text` holds, among codes and other words.

    Raises, with what may have been meant in the fact `meant`: AddressDoubtful, SeveralAddresses; AddressMasked;
    BadAddress where there is none.
    """
    found = find_codes(text, shapes)
    masked = [doubt.written for doubt in found.doubtful if doubt.masked]
    if masked:
        raise AddressMasked(written=masked[0], meant=[])
    readings = [reading for doubt in found.doubtful for reading in doubt.meant]
    if found.doubtful:
        written = found.doubtful[0].written
        raise _doubtful(written, _sound([*readings, *found.addresses], known))
    if not found.addresses:
        raise BadAddress(reason="there is no address in it")
    several = _sound(found.addresses, None)
    if len(several) > 1:
        raise SeveralAddresses(meant=several, addresses=several)
    try:
        return read_address(several[0] if several else found.addresses[0])
    except BadAddress:
        meant = _sound([found.addresses[0]], known)
        if meant:
            raise _doubtful(found.addresses[0], meant) from None
        raise


def read_as_is(text: str, shapes: Sequence[Shape] = (DEFAULT_SHAPE,)) -> Address:
    """The address that `text` is, exactly as it stands, for somebody who was asked and confirms it.

    Raises: what `read_written` raises, where it is no address as it stands.
    """
    try:
        return read_address(text)
    except BadAddress:
        pass
    try:
        return read_written(text, shapes)
    except AddressMasked:
        raise
    except AddressDoubtful as doubt:
        try:
            return read_address(doubt.facts["written"])
        except BadAddress:
            raise doubt from None


def refuse_unlikely(address: Address, known: Collection[str] = ()) -> None:
    """Return, unless the domain looks like a slip on the way to one of the large providers' or of `known`.

    Raises: AddressUnlikely (facts: written, and meant, the likelier address).
    """
    nearest = nearest_known(address.domain, known)
    if nearest is not None:
        local = address.original.rpartition("@")[0]
        raise AddressUnlikely(written=address.original, meant=[f"{local}@{nearest}"])


def _doubtful(written: str, meant: list[str]) -> AddressDoubtful:
    return AddressDoubtful(written=written, meant=meant, count=len(meant))


def _sound(readings: Iterable[str], known: Collection[str] | None) -> list[str]:
    """The readings that are addresses, each once; with `known`, a domain without a slip comes before one with a slip."""
    sound: dict[str, str] = {}
    for reading in readings:
        local, _, domain = reading.rpartition("@")
        nearest = None if known is None else nearest_known(domain.casefold(), known)
        for one in ([f"{local}@{nearest}"] if nearest else []) + [reading]:
            try:
                address = read_address(one)
            except BadAddress:
                continue
            sound.setdefault(address.key, address.original)
    return list(sound.values())
