"""Sentences about a configuration that stops the start, for whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self


class SettingFault(str):
    """A sentence, or the end of one, that remembers what it was made of, so that the shell can say it otherwise.

    As a string it is English, as the log has it. A fact may be a fault itself: the reason within a sentence.
    """

    __slots__ = ("facts", "template")

    template: str
    facts: Mapping[str, Any]

    def __new__(cls, template: str, /, **facts: Any) -> Self:
        made = super().__new__(cls, template.format(**facts))
        made.template = template
        made.facts = facts
        return made


_VALUES: Final[Mapping[str, SettingFault]] = {
    kind: fault
    for kinds, fault in (
        (("bool_parsing", "bool_type"), SettingFault("it has to be true or false")),
        (
            ("int_parsing", "int_type", "int_from_float", "int_parsing_size"),
            SettingFault("it has to be a whole number"),
        ),
        (("float_parsing", "float_type", "finite_number"), SettingFault("it has to be a number")),
        (("string_type",), SettingFault("it has to be a text, in quotation marks")),
        (
            ("list_type", "tuple_type", "set_type", "frozen_set_type"),
            SettingFault("it has to be a list, in square brackets"),
        ),
        (
            ("dict_type", "model_type", "model_attributes_type"),
            SettingFault("it has to be a section with settings of its own"),
        ),
        (("time_type", "time_parsing"), SettingFault("it has to be a time of day, such as 09:00")),
        (("missing",), SettingFault("it is missing")),
    )
    for kind in kinds
}


def of_value(error: Mapping[str, Any]) -> str:
    """Why a value is none, from one of pydantic's errors."""
    facts = error.get("ctx", {})
    if isinstance(own := next(iter(getattr(facts.get("error"), "args", ())), None), SettingFault):
        return own
    match error["type"]:
        case "greater_than":
            return SettingFault("it has to be more than {least}", least=facts["gt"])
        case "greater_than_equal":
            return SettingFault("it has to be {least} or more", least=facts["ge"])
        case "less_than":
            return SettingFault("it has to be less than {most}", most=facts["lt"])
        case "less_than_equal":
            return SettingFault("it has to be {most} or less", most=facts["le"])
        case "literal_error":
            return SettingFault("it has to be one of {choices}", choices=facts["expected"].replace(" or ", ", "))
    message = str(error["msg"]).removeprefix("Value error, ")
    return _VALUES.get(error["type"], f"{message[:1].lower()}{message[1:]}")
