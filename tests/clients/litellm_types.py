"""What Usher and its simulated litellm proxy say to each other of keys, by the types of litellm itself.

Run by the Python that has litellm. On standard input: a list of {path, body, status, answer}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from litellm.proxy import _types as theirs  # type: ignore[import-not-found,unused-ignore]

REQUESTS = {"/key/generate": theirs.GenerateKeyRequest, "/key/delete": theirs.KeyRequest}


def look(one: dict[str, Any]) -> str:
    """Raises where litellm would not have understood the request, or have answered so."""
    path = one["path"].partition("?")[0]
    if path in REQUESTS:
        sent = REQUESTS[path](**one["body"])
        unknown = set(one["body"]) - set(type(sent).model_fields)
        assert not unknown, f"{path}: {unknown}"
    if path == "/key/generate" and one["status"] == 200:
        # The type puts `token` in the key's place: the proxy fills it in afterwards, with the hash.
        made = theirs.GenerateKeyResponse(**{**one["answer"], "token": None})
        assert one["answer"]["token"] == made.token_id
        assert made.key.startswith("sk-")
        assert made.key_alias == one["body"]["key_alias"]
    if path == "/key/list":
        for key in one["answer"]["keys"]:
            assert theirs.UserAPIKeyAuth(**key).key_alias
        assert set(one["answer"]) <= set(theirs.KeyListResponseObject.__annotations__)
    return str(path)


def main() -> None:
    looked = {look(one) for one in json.load(sys.stdin)}
    assert looked == {"/key/generate", "/key/list", "/key/delete"}, looked


main()
