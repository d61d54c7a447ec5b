"""Proving who somebody is elsewhere, against a provider that is as strict as one may be."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from core.models.oauth import Identity, NotProved, Site, identify, make_verifier, visit
from core.providers.http import HttpClient
from core.providers.protocol import Unavailable, Unclear
from core.sandbox import Sandbox
from core.sandbox.oauth import OAUTH_FAULTS
from tests.models.speaking import fixed, listening, said

BACK = "https://usher.example.com/oauth/linuxdo/callback"
ANNA = Identity(
    "1001",
    {"id": 1001, "username": "anna", "name": "Anna", "active": True, "trust_level": 2, "silenced": False},
)


@pytest.fixture
def site(sandbox: Sandbox) -> Site:
    return Site("linuxdo", **sandbox.oauth.settings(sandbox.root))


async def come_back(address: str) -> dict[str, str]:
    """What the person's browser brings home."""
    async with aiohttp.ClientSession() as session, session.get(address, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        target = answer.headers["Location"]
    assert target.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(target).query))


async def prove(site: Site, http: HttpClient, **other: Any) -> Any:
    verifier = make_verifier()
    brought = await come_back(visit(site, state="s-1", verifier=verifier, redirect_uri=BACK))
    given = {"code": brought["code"], "verifier": verifier, "redirect_uri": BACK} | other
    return await identify(site, http, **given)


async def test_a_person_is_proved(site, http, sandbox):
    assert await prove(site, http) == ANNA
    sandbox.oauth.become({"id": 7, "trust_level": 3})
    found = await prove(site, http)
    assert (found.subject, found.facts["trust_level"]) == ("7", 3)


async def test_the_visit_has_what_a_provider_needs_and_no_secret(site):
    address = visit(
        dataclasses.replace(site, authorize="https://example.com/a?tenant=1", scope="read user"),
        state="s 1&x",
        verifier="v" * 64,
        redirect_uri=BACK,
    )
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["tenant"] == "1"
    assert (asked["state"], asked["scope"], asked["redirect_uri"]) == ("s 1&x", "read user", BACK)
    assert asked["code_challenge_method"] == "S256"
    assert "v" * 64 not in address
    assert site.client_secret not in address + repr(site)
    assert len({make_verifier() for _ in range(100)}) == 100


@pytest.mark.parametrize("wrong", [{"code": "code-99"}, {"verifier": "v" * 64}, {"redirect_uri": BACK + "/x"}])
async def test_a_code_serves_only_the_visit_that_it_was_made_for(site, http, wrong):
    assert await prove(site, http, **wrong) == NotProved("code", "status 400")


async def test_a_code_serves_once(site, http):
    verifier = make_verifier()
    brought = await come_back(visit(site, state="s-1", verifier=verifier, redirect_uri=BACK))
    given = {"code": brought["code"], "verifier": verifier, "redirect_uri": BACK}
    assert await identify(site, http, **given) == ANNA
    assert await identify(site, http, **given) == NotProved("code", "status 400")


async def test_a_secret_that_is_wrong(site, http):
    wrong = dataclasses.replace(site, client_secret="other")
    assert await prove(wrong, http) == NotProved("client", "status 401")


# fault → what proving ends in.
ENDS: dict[str, Any] = {
    "state-replay": ANNA,  # the state is the caller's to compare: see below
    "code-replay": NotProved("code", "status 400"),
    "slow-token=20": ANNA,
    "silenced": Identity("1001", {**ANNA.facts, "silenced": True}),
    "other-subject": Identity("1002", {**ANNA.facts, "id": 1002, "username": "somebody"}),
    "500": Unclear("status 500"),
    "html-200": Unclear("answer is not JSON but text/html"),
    "reset": Unclear,
}


def test_every_fault_stands_in_the_table():
    assert {row.partition("=")[0] for row in ENDS} == set(OAUTH_FAULTS)


@pytest.mark.parametrize("fault", ENDS)
async def test_how_proving_ends(fault, site, http, sandbox):
    sandbox.set_faults([f"oauth:{fault}"])
    found = await prove(site, http)
    assert found == ENDS[fault] or (ENDS[fault] is Unclear and isinstance(found, Unclear))


async def test_a_state_that_comes_back_may_be_another(site, sandbox):
    sandbox.set_faults(["state-replay"])
    brought = await come_back(visit(site, state="mine", verifier=make_verifier(), redirect_uri=BACK))
    assert brought["state"] != "mine"


@pytest.mark.parametrize(
    ("token", "person", "expected"),
    [
        (said(200, {"error": "bad_verification_code"}), None, NotProved("code", "status 200")),
        (said(200, {"error": "incorrect_client_credentials"}), None, NotProved("client", "status 200")),
        (said(200, {"token": "x"}), None, Unclear("an answer without a token")),
        (said(200, {"access_token": "a\r\nX: b"}), None, Unclear("an answer without a token")),
        (said(200, []), None, Unclear("an answer without a token")),
        (said(429, {}), None, Unavailable("rate_limited", "status 429", 60.0)),
        (said(200, {"access_token": "t"}), said(200, {"name": "nobody"}), NotProved("subject", "nobody was named")),
        (said(200, {"access_token": "t"}), said(200, {"id": True}), NotProved("subject", "nobody was named")),
        (said(200, {"access_token": "t"}), said(200, {"id": ""}), NotProved("subject", "nobody was named")),
        (said(200, {"access_token": "t"}), said(404, {}), NotProved("subject", "status 404")),
        (said(200, {"access_token": "t"}), said(401, {}), Unavailable("credential", "status 401")),
        (said(200, {"access_token": "t"}), said(200, {"id": 3, "bio": "x" * 999, "a": [1]}), Identity("3", {"id": 3})),
        (said(200, {"access_token": "t"}), fixed("", 302, Location="https://example.com"), Unclear("status 302")),
    ],
)
async def test_what_other_providers_answer(http, token, person, expected):
    async def answer(request):
        return await (token if request.path == "/token" else person)(request)

    async with listening(answer) as (root, seen):
        site = Site("other", "c", "s", f"{root}/authorize", f"{root}/token", f"{root}/me")
        assert await identify(site, http, code="c", verifier="v", redirect_uri=BACK) == expected
    assert seen[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert len(seen) == (1 if person is None else 2)


async def test_secrets_go_nowhere_but_by_https(http):
    site = Site("other", "c", "s", "http://example.com", "http://example.com/token", "http://example.com/me")
    found = await identify(site, http, code="c", verifier="v", redirect_uri=BACK)
    assert isinstance(found, Unavailable)
