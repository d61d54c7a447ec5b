"""What is wrong with how a command was written: its name, its options, what is missing. As in `core.errors`."""

from __future__ import annotations

from core.errors import BadChoice, BadInput, Conflict


class MissingArgument(BadInput):
    """Facts: name."""

    key = "missing_argument"


class UnknownOption(BadInput):
    """Facts: name (as it was written), command, options (those that it has), count (of them)."""

    key = "unknown_option"


class OptionTwice(BadInput):
    """Facts: name."""

    key = "option_twice"


class LeftOver(BadInput):
    """More was written than the command takes. Facts: text, command."""

    key = "left_over"


class GeneralBound(BadInput):
    """Codes that are general and of one team at once. Facts: team."""

    key = "general_bound"


class PoolUnnamed(BadInput):
    """There are several pools, none is the default one, and none was named. Facts: pools (names)."""

    key = "pool_unnamed"


class UnknownCommand(BadInput):
    """Facts: name, nearest (may be empty)."""

    key = "unknown_command"


class BadValue(BadChoice):
    """A value that has no fixed choices but has to be written in a certain way. Facts: name, value, examples."""

    key = "bad_value"


class BadLength(BadChoice):
    """Too short or too long. Facts: name, value, low, high (characters)."""

    key = "bad_length"


class AlreadyPast(BadChoice):
    """A moment that has to be still to come. Facts: name, value."""

    key = "already_past"


class PoolInUse(Conflict):
    """A pool is removed only when nothing is in it. Facts: name, teams, people, uses, waiting."""

    key = "pool_in_use"


class SeatFromHere(Conflict):
    """Whoever has a seat from here is not taken out as a member whom nobody invited. Facts: address, teams."""

    key = "seat_from_here"


class SamePool(Conflict):
    """Nothing is moved from a pool into itself. Facts: name."""

    key = "same_pool"


class UnknownSystem(BadInput):
    """A file that is the database of no system that can be carried over. Facts: file, tables (some that it has)."""

    key = "unknown_system"


class DamagedFile(BadInput):
    """A file to be carried over that is damaged, or not what its name says. Facts: file."""

    key = "damaged_file"


class UnknownPlace(BadInput):
    """A text of the shop's own has a place that nothing fills. Facts: name (of the text), place, known (places it may have, as written), count."""

    key = "unknown_place"


class MissingPlace(BadInput):
    """A text of the shop's own leaves out a place that it has to have. Facts: name, place, needed (places it has to have)."""

    key = "missing_place"


class TextTooLong(BadInput):
    """The text is empty, or longer than a message can be. Facts: name, most, given (characters)."""

    key = "text_too_long"
