"""What is wrong with a command as it was written: the one place where cyclopts' errors become sentences."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)
from cyclopts.exceptions import ArgumentOrderError

from admin_cli import started, words

if TYPE_CHECKING:
    from cyclopts.argument import Argument

CLOSE = 0.6
"""How alike a name has to be to be what was meant, from 0 to 1."""


def sentence(wrong: CycloptsError) -> str:
    """What is wrong, what may have been meant, and where it is written how it goes."""
    command = " ".join([started.command(), *(wrong.command_chain or ())])
    return _one_after_the_other(_fault(wrong), words.said("See “{command} --help”.", command=command))


def _one_after_the_other(*said: str) -> str:
    return ("" if words.spoken() == words.CHINESE else " ").join(filter(None, said))


def _fault(wrong: CycloptsError) -> str:
    match wrong:
        case UnknownCommandError(unused_tokens=[token, *_]):
            said = words.said("There is no command “{name}”.", name=token)
            return _one_after_the_other(said, _meant(token, _commands(wrong.app)))
        case UnknownOptionError(token=token):
            known = [each for argument in wrong.argument_collection if argument.parse for each in argument.names]
            return _no_option(token.keyword or token.value, known)
        case CoercionError(token=token) if token is not None:
            return _impossible(wrong, token.value, token.keyword or _called(wrong.argument))
        case MissingArgumentError(keyword=str(name)):
            return words.said("{name} needs a value.", name=name)
        case MissingArgumentError(argument=argument) if argument and (left := _options(wrong.unused_tokens)):
            return _no_option(left[0], argument.names)
        case MissingArgumentError():
            return words.said("{name} is missing.", name=_called(wrong.argument))
        case UnusedCliTokensError():
            return words.said("There is no place for “{left}”.", left=" ".join(wrong.unused_tokens or ()))
        case RepeatArgumentError(token=token):
            return words.said("{name} is given more than once.", name=token.keyword)
        case ArgumentOrderError(token=token):
            return words.said(
                "It is not clear what “{token}” is: write the name of each value, or of none.", token=token
            )
    return words.said("The command cannot be read as it is written.")


def _impossible(wrong: CoercionError, value: str, name: str) -> str:
    kind: Any = wrong.target_type
    if get_origin(kind) is Literal:
        choices = [str(choice) for choice in get_args(kind)]
        said = words.said(
            "“{value}” is not possible for {name}; possible are: {choices}.",
            value=value,
            name=name,
            choices=", ".join(choices),
        )
        return _one_after_the_other(said, _meant(value, choices))
    if kind is int:
        return words.said("“{value}” is not possible for {name}: it is no whole number.", value=value, name=name)
    if kind is float:
        return words.said("“{value}” is not possible for {name}: it is no number.", value=value, name=name)
    return words.said("“{value}” is not possible for {name}.", value=value, name=name)


def _meant(given: str, known: Sequence[str]) -> str:
    # An option after “--” is taken for an argument: to name it again helps nobody.
    close = [] if given in known else difflib.get_close_matches(given, known, n=1, cutoff=CLOSE)
    return words.said("Did you mean “{name}”?", name=close[0]) if close else ""


def _options(tokens: Sequence[str] | None) -> list[str]:
    return [token for token in tokens or () if token.startswith("--")]


def _no_option(given: str, known: Sequence[str]) -> str:
    name = given.partition("=")[0]
    return _one_after_the_other(words.said("There is no option {name} here.", name=name), _meant(name, known))


def _commands(app: App | None) -> list[str]:
    return [] if app is None else [name for name in app if not name.startswith("-")]


def _called(argument: Argument | None) -> str:
    """As its page of help calls it: a value by its place, an option by its name."""
    if argument is None:
        return "?"
    return argument.name if argument.field_info.is_keyword_only else argument.name.lstrip("-").upper()
