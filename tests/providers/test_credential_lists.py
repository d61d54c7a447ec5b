"""Lists of teams as operators keep them, and lists of people's passwords, which are refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.errors import CredentialUnreadable
from core.providers.credential_lists import Listed, read_list
from core.providers.registry import parse_session
from core.teams import teams
from tests.support.house import open_house

CANARY = "hunter2-canary"


def web_token(account: str = "acc-1", email: str = "owner@example.com", expires: int = 1790000000) -> str:
    """A token as the console gives it: the account, the plan, the address and the end are in it."""
    claims = {
        "exp": expires,
        "https://api.openai.com/auth": {"chatgpt_account_id": account, "chatgpt_plan_type": "team"},
        "https://api.openai.com/profile": {"email": email},
    }
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "x"}, claims)
    ]
    return ".".join((*parts, "c2ln"))


def team(number: int) -> dict[str, object]:
    return {"accessToken": f"token-{number}", "account": {"id": f"acc-{number}"}}


ONE, TWO = team(1), team(2)
PRETTY = "\n".join(json.dumps(one, indent=2) for one in (ONE, TWO))


def accounts(text: str) -> list[str | None]:
    """The account of every credential of a list; of one that cannot be used, why not."""
    found: list[str | None] = []
    for listed in read_list(text):
        try:
            if listed.found is None:
                raise CredentialUnreadable(reason=str(listed.reason))
            found.append(parse_session(listed.found).external_id)
        except CredentialUnreadable as fault:
            found.append(fault.facts["reason"])
    return found


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE, TWO]),
        *(json.dumps({name: [ONE, TWO]}) for name in ("teams", "accounts", "items", "data", "Results", "workspaces")),
        json.dumps({"ok": True, "total": 2, "data": {"teams": [ONE, TWO]}}),
        json.dumps({"first": ONE, "second": TWO}),
        json.dumps({"exported_at": "2026-01-01", "list": [ONE, TWO]}),
        PRETTY,
        PRETTY.replace("}\n{", "},\n{"),
        PRETTY.replace("}\n{", "}{"),
        PRETTY.replace("}\n{", "}\n\n,\n{"),
        PRETTY.replace('"\n', '",\n'),
        PRETTY.replace("\n", "\r\n"),
        f"[{json.dumps(ONE)},\n{json.dumps(TWO)},\n]",
        f"{json.dumps(ONE)},\n{json.dumps(TWO)},\n",
        f"{json.dumps(ONE)};\n{json.dumps(TWO)};",
        f"```json\n{json.dumps(ONE)}\n{json.dumps(TWO)}\n```",
        f"\ufeff{json.dumps(ONE)}\n\ufeff{json.dumps(TWO)}",
        f"# my teams\n{json.dumps(ONE)}\n// the other\n{json.dumps(TWO)}",
    ],
)
def test_a_list_in_any_of_its_shapes(text: str):
    assert accounts(text) == ["acc-1", "acc-2"]


@pytest.mark.parametrize(
    "pasted",
    [
        {"access_token": "t", "account_id": "acc-1", "email": "me@example.com"},
        {"accessToken": "t", "accountId": "acc-1", "Email": "me@example.com"},
        {"ACCESS_TOKEN": "t", "ACCOUNT_ID": "acc-1", "MAIL": "me@example.com"},
        {"access-token": "t", "chatgpt_account_id": "acc-1", "user_email": "me@example.com"},
        {"token": "Bearer t", "workspace_id": "acc-1", "owner": "me@example.com"},
        {"token": "t", "team_account_id": "acc-1", "email": "me@example.com", "seats": "7"},
        {"tokens": {"access_token": "t", "account_id": "acc-1"}, "email": "me@example.com"},
        {"credentials": {"accessToken": "t"}, "account": {"account_id": "acc-1"}, "user": {"email": "me@example.com"}},
        {"accessToken": "t", "account": "acc-1", "user": {"email": "me@example.com"}},
        {"accessToken": "t", "account": {"id": "acc-1"}, "owner": {"email": "me@example.com"}},
        {"token": web_token("acc-1", "me@example.com")},
        {"access_token": web_token("other"), "account_id": "acc-1", "email": "me@example.com"},
    ],
)
def test_an_object_in_any_spelling(pasted):
    parsed = parse_session(json.dumps(pasted))
    assert (parsed.provider, parsed.external_id, parsed.owner_address) == ("chatgpt", "acc-1", "me@example.com")
    assert set(parsed.credential) == {"access_token"}


def test_bare_tokens_one_a_line():
    text = f'{web_token("acc-1")}\nBearer {web_token("acc-2")},\n"{web_token("acc-3")}"\nsk-admin-{"x" * 20}\n'
    assert accounts(text)[:3] == ["acc-1", "acc-2", "acc-3"]
    assert str(accounts(text)[3]).startswith("key-")
    parsed = parse_session(web_token("acc-1", "me@example.com", 1790000000))
    assert parsed.owner_address == "me@example.com"
    assert parsed.expires_at == datetime.fromtimestamp(1790000000, UTC)
    assert parsed.name == "me@example.com"


@pytest.mark.parametrize(
    "text",
    [
        f"email,access_token,account_id\nme@example.com,{web_token()},acc-1",
        f"access_token;email\n{web_token()};me@example.com",
        f"email\taccess_token\nme@example.com\t{web_token()}",
        f"me@example.com----{web_token()}",
        f"me@example.com {web_token()}",
        f"{web_token('other')}|0f8fad5b-d9cb-469f-a165-70867728950e",
    ],
)
def test_tables_and_lines_of_several_things(text: str):
    [account] = accounts(text)
    assert account in {"acc-1", "0f8fad5b-d9cb-469f-a165-70867728950e"}


PASSWORDS = [
    json.dumps({"email": "me@example.com", "password": CANARY}),
    json.dumps({**ONE, "password": CANARY}),
    json.dumps({**ONE, "Pass_Word": CANARY}),
    json.dumps({**ONE, "login": {"pwd": CANARY}}),
    json.dumps({**ONE, "mailPass": CANARY}),
    json.dumps({**ONE, "user_password": CANARY}),
    json.dumps({**ONE, "Пароль": CANARY}),
    json.dumps({**ONE, "mfa_seed": CANARY}),
    json.dumps({"password": CANARY, "teams": [ONE]}),
    json.dumps({**ONE, "2fa_secret": CANARY}),
    json.dumps({**ONE, "cookies": [{"name": CANARY}]}),
    json.dumps({"teams": [{**ONE, "密码": CANARY}]}),
    f"me@example.com----{CANARY}",
    f"me@example.com:{CANARY}",
    f"me@example.com|{CANARY}|JBSWY3DPEHPK3PXP",
    f"me@example.com {CANARY}",
    f"me@example.com----{CANARY}----{web_token()}",
    f"{web_token()},{CANARY}",
    f"email,password,access_token\nme@example.com,{CANARY},{web_token()}",
]


@pytest.mark.parametrize("text", PASSWORDS)
async def test_what_lets_somebody_sign_in_is_refused_and_nothing_of_it_kept(sqlite_url: str, text: str):
    assert accounts(text) == ["credential_password"]
    assert CANARY not in repr([*read_list(text)])
    async with open_house(sqlite_url, workspaces=1) as house:
        [candidate] = await teams.preview_teams(house.core, SYSTEM, text)
        assert candidate.reason == "credential_password"
        shown = repr(candidate)
        assert CANARY not in shown
        assert "me@example" not in shown
        assert "acc-1" not in shown


@pytest.mark.parametrize("text", ['{\n  "a":\n  "b"\n', '{"accessToken": "x",\n"account": {\n"id": "y"\n', "<html>"])
def test_one_reason_for_one_broken_object(text: str):
    assert accounts(text) == ["credential_not_json"]


def test_that_there_is_a_second_factor_lets_nobody_in():
    assert accounts(json.dumps({**ONE, "user": {"email": "me@example.com", "mfa": True}})) == ["acc-1"]


def test_words_before_an_object_are_no_password():
    assert accounts(f"Here it is: {json.dumps(ONE)}") == ["credential_not_json"]


def test_a_broken_object_spoils_no_other():
    broken = '{\n  "accessToken": "x,\n  "account": {\n'
    text = f"{json.dumps(ONE, indent=1)}\n{broken}\n{json.dumps(TWO)}"
    assert accounts(text)[0] == "acc-1"
    assert accounts(text).count("credential_not_json") == 1
    assert accounts(f"{json.dumps(ONE)}\n{{ not json }}\n{json.dumps(TWO)}") == [
        "acc-1",
        "credential_not_json",
        "acc-2",
    ]


def test_lines_are_those_on_which_things_begin():
    text = f"{PRETTY}\n\nnonsense here\n{json.dumps(team(3))}"
    after = PRETTY.count("\n")
    assert [one.line for one in read_list(text)] == [1, after // 2 + 2, after + 3, after + 4]


@pytest.mark.parametrize("piece", ["x", "a.", "eyJ", "eyJa.", "a@", "```", '"', "{", "[{", '{"a\n'])
def test_reading_a_list_costs_no_more_than_its_length(piece: str):
    """Quadratic, each of these would take hours."""
    assert all(one.found is None for one in read_list(piece * (1_000_000 // len(piece))))


@pytest.mark.parametrize("text", ["{\n" * 200_000, "{" + '\\"' * 500_000])
def test_what_nothing_closes_is_read_to_the_end_once(text: str):
    assert {one.reason for one in read_list(text)} == {"credential_not_json"}


@given(text=st.text())
def test_any_text_is_taken_apart(text: str):
    for one in read_list(text):
        assert isinstance(one, Listed)
        assert (one.found is None) != (one.reason is None)


@given(
    items=st.lists(st.sampled_from([ONE, TWO, team(3)]), max_size=5),
    indent=st.sampled_from([None, 1, 4]),
    between=st.sampled_from(["\n", ",\n", "\n\n", " ", "\n,\n", ";\n", "\r\n"]),
)
def test_whatever_stands_between_them_every_object_is_found(items, indent, between):
    text = between.join(json.dumps(item, indent=indent) for item in items)
    assert [one.found for one in read_list(text)] == items
