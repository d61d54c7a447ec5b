"""Discord's error bodies: the tree of field errors under "Invalid Form Body" (50035), and the other JSON errors."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
Path = tuple[str | int, ...]

REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")
MESSAGES = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20016: (400, "This action cannot be performed due to slowmode rate limit"),
    30032: (400, "Maximum number of application commands reached (100)"),
    40005: (413, "Request entity too large"),
    40062: (400, "Service resource is being rate limited."),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    160005: (403, "Thread is locked"),
    50109: (400, "The request body contains invalid JSON."),
}


class DiscordError(Exception):
    """One error answer: Discord's JSON code and the field errors if any.

    `status` and `message` count only for a code that is not in `MESSAGES`.
    """

    def __init__(self, code: int, errors: Json | None = None, *, status: int = 0, message: str = "") -> None:
        self.code = code
        self.status, self.message = MESSAGES.get(code, (status, message))
        self.errors = errors
        super().__init__(f"{self.message} {errors or ''}")

    def body(self) -> Json:
        return {"message": self.message, "code": self.code} | ({"errors": self.errors} if self.errors else {})


class Form:
    """Collects the field errors of one request body and then refuses it whole, as Discord does."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def add(self, path: Path, code: str, message: str) -> None:
        here = self.errors
        for step in path:
            here = here.setdefault(str(step), {})
        here.setdefault("_errors", []).append({"code": code, "message": message})

    def refuse(self) -> None:
        """Return if nothing was found, else raise Invalid Form Body."""
        if self.errors:
            raise DiscordError(50035, self.errors)

    def text(
        self, body: Json, path: Path, key: str, *, most: int, least: int = 0, required: bool = False
    ) -> str | None:
        """Check a string's type and length; lengths count characters."""
        value = body.get(key)
        at = (*path, key)
        if value is None:
            if required:
                self.add(at, *REQUIRED)
            return None
        if not isinstance(value, str):
            self.add(at, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        if required and not value.strip() and least:
            self.add(at, *REQUIRED)
        elif not least <= len(value) <= most:
            if least:
                self.add(at, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.add(at, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        return value

    def items(
        self, body: Json, path: Path, key: str, *, most: int, least: int = 0, required: bool = False
    ) -> list[Any]:
        """Check a list's type and size; return its items or an empty list."""
        value = body.get(key)
        at = (*path, key)
        if value is None:
            if required:
                self.add(at, *REQUIRED)
            return []
        if not isinstance(value, list):
            self.add(at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(value) <= most:
            if least:
                self.add(at, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.add(at, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        return value

    def entry(self, value: Any, path: Path) -> Json | None:
        """Check that a list's item or a field is an object."""
        if isinstance(value, dict):
            return value
        self.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return None

    def number(
        self,
        body: Json,
        path: Path,
        key: str,
        *,
        least: float | None = None,
        most: float | None = None,
        required: bool = False,
        whole: bool = True,
    ) -> None:
        value = body.get(key)
        at = (*path, key)
        if value is None:
            if required:
                self.add(at, *REQUIRED)
        elif isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            self.add(at, "NUMBER_TYPE_COERCE", f'Value "{value}" is not {"int" if whole else "float"}.')
        elif least is not None and value < least:
            self.add(at, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif most is not None and value > most:
            self.add(at, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")

    def flag(self, body: Json, path: Path, key: str) -> None:
        if not isinstance(body.get(key, False), bool | None):
            self.add((*path, key), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")

    def choice(self, body: Json, path: Path, key: str, allowed: Collection[Any], *, required: bool = False) -> Any:
        value = body.get(key)
        if value is None and not required:
            return None
        if value is None:
            self.add((*path, key), *REQUIRED)
        elif isinstance(value, bool) or value not in allowed:
            listed = ", ".join(map(str, sorted(allowed)))
            self.add((*path, key), "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
        return value

    def url(self, body: Json, path: Path, key: str, schemes: Collection[str], *, required: bool = False) -> None:
        value = self.text(body, path, key, most=2048, required=required)
        if value is None:
            return
        scheme = urlsplit(value).scheme
        if not scheme:
            self.add((*path, key), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        elif scheme not in schemes:
            listed = ", ".join(repr(known) for known in sorted(schemes))
            self.add((*path, key), "URL_TYPE_INVALID_SCHEME", f"Scheme {scheme!r} must be one of ({listed}).")
