"""What single adapters do beyond the common table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.providers.protocol import Capacity, CredentialCheck, Done, Listing, Refused, Standing, Unavailable, Unclear
from core.providers.registry import ADAPTERS
from tests.providers import contract
from tests.providers.contract import MEMBER, NEW, PENDING

PROVIDERS = ("chatgpt", "openai_admin", "scim")


@pytest.fixture
def stage(sandbox):
    contract.set_stage(sandbox)
    return sandbox.world.spaces["ws-1"]


@pytest.mark.parametrize("name", PROVIDERS)
class TestEveryAdapter:
    async def test_an_invited_person_is_pending_then_a_member_then_gone(self, name, opened, sandbox):
        provider = opened(name)
        assert isinstance(await provider.invite(NEW), Done)
        standing = await provider.look_up(NEW)
        assert (standing.member, standing.invite.address) == (None, NEW)
        sandbox.accept(NEW)
        standing = await provider.look_up(NEW.upper())
        assert (standing.member.address, standing.invite) == (NEW, None)
        assert isinstance(await provider.remove_member(standing.member), Done)
        assert await provider.look_up(NEW) == Standing(None, None)
        assert isinstance(await provider.invite(NEW), Done)  # a seat can be given again
        assert (await provider.look_up(NEW)).invite is not None

    async def test_a_repeat_and_a_resend_never_make_a_second_invite(self, name, opened, sandbox):
        provider = opened(name)
        for resend in (False, False, True, True):
            assert isinstance(await provider.invite(NEW, resend=resend), Done)
        assert [row["email"] for row in sandbox.ledger()["pending"]] == [NEW]

    async def test_the_owner_is_known_and_never_removed(self, name, opened, stage):
        provider = opened(name)
        members = await provider.members()
        owners = [member for member in members.items if member.is_owner]
        assert [owner.address for owner in owners] == [stage.owner.email]
        refused = await provider.remove_member(owners[0])
        assert isinstance(refused, Refused)
        assert refused.reason == "not_allowed"
        # Nor when a stale reading forgot that it is the owner: the upstream has the last word.
        disguised = replace(owners[0], is_owner=False)
        assert await provider.remove_member(disguised) == Refused("not_allowed", "status 403")

    async def test_withdrawing_and_removing_twice_is_done_both_times(self, name, opened, stage):
        provider = opened(name)
        invite = await contract.found_invite(provider, PENDING)
        member = await contract.found_member(provider, MEMBER)
        for _ in range(2):
            assert isinstance(await provider.cancel_invite(invite), Done)
            assert isinstance(await provider.remove_member(member), Done)
        assert PENDING not in stage.invites
        assert MEMBER not in stage.members

    async def test_an_invite_is_withdrawn_by_its_address_alone(self, name, opened, stage):
        provider = opened(name)
        invite = replace(await contract.found_invite(provider, PENDING), reference=None)
        assert isinstance(await provider.cancel_invite(invite), Done)
        assert PENDING not in stage.invites

    async def test_a_member_is_not_invited_again(self, name, opened, stage):
        assert await opened(name).invite(MEMBER) == Refused("already_member", "status 409")

    async def test_bad_addresses_are_refused(self, name, opened):
        assert isinstance(await opened(name).invite("nobody"), Refused)

    async def test_lists_longer_than_a_page_are_read_whole(self, name, opened, stage, sandbox):
        stage.seats = 1000
        for number in range(230):
            sandbox.world.invite(stage, f"many-{number}@people.example")
        for number in range(0, 230, 2):
            sandbox.accept(f"many-{number}@people.example")
        provider = opened(name)
        assert len((await provider.pending_invites()).items) == 3 + 115
        assert len((await provider.members()).items) == 3 + 115

    async def test_a_rejected_credential_is_noticed_by_the_check(self, name, opened, sandbox):
        provider = opened(name)
        assert isinstance(await provider.check_credential(), CredentialCheck)
        sandbox.world.revoke(sandbox.world.spaces["ws-1"], renew=False)
        assert await provider.check_credential() == Unavailable("credential", "status 401")

    async def test_the_credential_shows_nowhere(self, name, opened, sandbox):
        provider = opened(name)
        token = sandbox.world.spaces["ws-1"].token
        shown = [repr(provider), repr(await provider.check_credential()), repr(await provider.invite(NEW))]
        sandbox.set_faults(["all:401"])
        shown.append(repr(await provider.members()))
        assert not any(token in text for text in shown)


async def test_every_adapter_declares_itself(opened):
    for name in PROVIDERS:
        assert opened(name).properties is ADAPTERS[name].properties
        assert (await opened(name).capacity() != Capacity(None, None, None)) is ADAPTERS[name].properties.counts_seats


async def test_an_account_that_the_token_does_not_reach_is_gone(opened):
    other = {"account": {"id": "ws-77", "name": "Elsewhere"}}
    provider = opened("chatgpt", **other)
    assert await provider.check_credential() == Unavailable("gone", "the credential does not reach this workspace")


async def test_a_member_is_let_into_the_projects_and_stays_one(opened, sandbox):
    provider, space = opened("openai_admin", projects=["proj_a", "proj_b"]), sandbox.world.spaces["ws-1"]
    person = sandbox.world.join(space, "Ann@people.example")
    for _ in range(2):
        answer = await provider.invite("ann@people.example")
        assert answer == Refused("already_member", "status 409"), "the second time she is in them already"
        assert space.projects == {"proj_a": {person.id}, "proj_b": {person.id}}
    assert space.invites == {}
    sandbox.set_faults(["account:500"])
    shut = await provider.invite("ann@people.example")
    assert shut == Refused("already_member", "not let into proj_a, proj_b")


async def test_the_admin_key_brings_people_into_its_projects(opened, sandbox):
    provider = opened("openai_admin", projects=["proj_a", "proj_b"])
    assert isinstance(await provider.invite(NEW), Done)


async def test_the_audit_log_finds_an_invite_that_the_lists_do_not_show_yet(opened, sandbox):
    sandbox.set_faults(["list-lag=600"])
    provider = opened("openai_admin")
    await provider.invite(NEW)
    invite = (await provider.look_up(NEW)).invite
    assert invite is not None
    assert isinstance(await provider.cancel_invite(invite), Done)
    assert await provider.look_up(NEW) == Standing(None, None)


async def test_a_scim_seat_can_be_membership_of_a_licence_group(opened, stage):
    provider = opened("scim", group="Seats")
    assert (await provider.check_credential()).facts["group"] == "Seats"
    assert isinstance(await provider.invite(NEW), Done)
    member = await contract.found_member(provider, MEMBER)
    assert isinstance(await provider.remove_member(member), Done)
    assert await provider.look_up(MEMBER) == Standing(None, None)
    assert MEMBER in stage.directory  # the person is still known, only without the seat
    assert isinstance(await provider.invite(MEMBER), Done)
    assert (await provider.look_up(MEMBER)).invite is not None
    assert isinstance(await provider.cancel_invite((await provider.look_up(MEMBER)).invite), Done)
    assert len((await provider.members()).items) == 2


async def test_a_scim_group_that_does_not_exist_is_said(opened, stage):
    provider = opened("scim", group="Nobody")
    assert await provider.members() == Unavailable("gone", "no licence group of that name")


async def test_a_scim_server_that_pages_by_cursor_is_followed(http):
    from core.providers.protocol import Workspace
    from core.providers.registry import open_provider, parse_session
    from core.sandbox import Sandbox

    async with Sandbox(workspaces=1, seats=500, latency_ms=1, scim_cursor=True) as sandbox:
        parsed = parse_session(sandbox.sessions("scim")[0])
        workspace = Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url)
        provider = open_provider(workspace, http)
        for number in range(250):
            sandbox.world.invite(sandbox.world.spaces["ws-1"], f"many-{number}@people.example")
        assert contract.worded(await provider.pending_invites()) == "list of 250"
        sandbox.set_faults(["members:page-cut"])
        assert isinstance(await provider.pending_invites(), Unclear)


async def test_a_user_deactivated_by_hand_meanwhile_counts_as_removed(opened, stage, sandbox):
    provider = opened("scim")
    member = await contract.found_member(provider, MEMBER)
    sandbox.world.spaces["ws-1"].members[MEMBER].active = False  # between the reading and the change
    assert isinstance(await provider.remove_member(member), Done)
    assert isinstance(await provider.members(), Listing)
