"""What operators paste, and what they are told when it cannot be used."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CredentialUnreadable
from core.providers.credentials import REASONS
from core.providers.registry import ADAPTERS, parse_session

SESSION = {
    "accessToken": "canary-token",
    "user": {"id": "user-1", "email": "Owner@Example.com"},
    "account": {"id": "acc-1", "name": "Blue team", "planType": "team"},
    "expires": "2027-02-01T00:00:00.000Z",
}


def test_a_session_is_read_with_all_it_says():
    parsed = parse_session(json.dumps(SESSION))
    assert (parsed.provider, parsed.external_id, parsed.name) == ("chatgpt", "acc-1", "Blue team")
    assert parsed.owner_address == "owner@example.com"
    assert parsed.credential == {"access_token": "canary-token"}
    assert parsed.expires_at == datetime(2027, 2, 1, tzinfo=UTC)
    assert parsed.base_url is None
    assert "canary" not in repr(parsed)


def test_the_earlier_of_session_and_token_expiry_counts():
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1790000000}).encode()).decode().rstrip("=")
    parsed = parse_session({**SESSION, "accessToken": f"e30.{claims}.sig"})
    assert parsed.expires_at == datetime.fromtimestamp(1790000000, UTC)


@pytest.mark.parametrize("wrapped", ["  {}  ", "\ufeff{}", "```json\n{}\n```", "```\n{}\n```"])
def test_what_chats_and_editors_wrap_around_it_is_forgiven(wrapped):
    assert parse_session(wrapped.replace("{}", json.dumps(SESSION))).external_id == "acc-1"


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("", "credential_not_json"),
        ("hello", "credential_not_json"),
        ("[]", "credential_not_json"),
        ("[" * 100_000, "credential_not_json"),
        (" " * 70_000 + "x", "credential_not_json"),
        ("{}", "credential_unknown_provider"),
        ({"provider": "fax"}, "credential_unknown_provider"),
        ({**SESSION, "accessToken": ""}, "credential_no_token"),
        ({**SESSION, "accessToken": 5}, "credential_no_token"),
        ({**SESSION, "accessToken": "a\r\nX-Other: b"}, "credential_bad_characters"),
        ({**SESSION, "accessToken": "tökén"}, "credential_bad_characters"),
        ({**SESSION, "account": {}}, "credential_no_account"),
        ({**SESSION, "account": None}, "credential_no_account"),
        ({**SESSION, "account": {"id": "a", "planType": "plus"}}, "credential_wrong_kind"),
        ({**SESSION, "account": {"id": "a", "name": "two\nlines"}}, "credential_bad_characters"),
        ({**SESSION, "base_url": "http://upstream.example"}, "credential_bad_address"),
        ({**SESSION, "base_url": 5}, "credential_bad_address"),
        ({"provider": "openai_admin", "admin_key": "sk-proj-abc"}, "credential_wrong_kind"),
        ({"provider": "openai_admin"}, "credential_no_token"),
        ({"provider": "scim", "token": "t"}, "credential_no_address"),
        ({"provider": "scim", "token": "t", "base_url": "http://10.0.0.1/scim"}, "credential_bad_address"),
        ({"provider": "scim", "base_url": "https://x.example"}, "credential_no_token"),
    ],
)
def test_what_cannot_be_used_is_named(pasted, reason):
    with pytest.raises(CredentialUnreadable) as caught:
        parse_session(pasted)
    assert caught.value.facts == {"reason": reason}  # never the pasted text
    assert reason in REASONS


def test_an_admin_key_is_its_organization_or_its_own_fingerprint():
    named = parse_session({"provider": "openai_admin", "admin_key": "sk-admin-x", "organization": "org-1"})
    assert (named.external_id, named.name, dict(named.credential)) == ("org-1", "org-1", {"admin_key": "sk-admin-x"})
    alone = parse_session({"admin_key": "sk-admin-x"})
    assert alone.external_id.startswith("key-")
    assert "sk-admin" not in alone.external_id + alone.name


def test_a_scim_team_is_its_server_and_group():
    plain = parse_session({"provider": "scim", "token": "t", "base_url": "https://scim.example/v2/"})
    group = parse_session({"provider": "scim", "token": "t", "base_url": "https://scim.example/v2", "group": "Seats"})
    assert (plain.external_id, plain.base_url) == ("scim.example/v2", "https://scim.example/v2")
    assert group.external_id == "scim.example/v2#Seats"
    assert group.credential == {"token": "t", "group": "Seats"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["provider", "accessToken", "account", "user", "expires", "base_url", "admin_key", "token", "group", "name"]
)


@given(pasted=st.dictionaries(NAMES, JSON | st.sampled_from([*ADAPTERS]) | st.just({"id": "x", "email": "a@b"})))
def test_anything_pasted_is_read_or_named(pasted):
    reason = None
    try:
        parsed = parse_session(pasted)
    except CredentialUnreadable as unreadable:
        reason = unreadable.facts["reason"]
    if reason is None:
        assert parsed.external_id
        assert parsed.provider in ADAPTERS
    assert reason is None or reason in REASONS


@given(text=st.text())
def test_any_text_is_read_or_named(text):
    with pytest.raises(CredentialUnreadable):
        parse_session(text)
