"""The provider of a team whose credential cannot be decrypted: nothing is sent, and every caller is told why."""

from __future__ import annotations

from core.providers.protocol import (
    Capacity,
    CredentialCheck,
    Failure,
    Listing,
    Member,
    PendingInvite,
    Properties,
    ProviderAnswer,
    Standing,
    Unavailable,
)

ANSWER = Unavailable("undecipherable", "the key of the stored credential is missing, or it belongs to another row")


class Closed:
    """One team. See `core.providers.protocol.Provider`; no call is made, so none can have had an effect."""

    def __init__(self, properties: Properties) -> None:
        self.properties = properties

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:  # noqa: ARG002 - the protocol's signature
        """Never."""
        return ANSWER

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer:  # noqa: ARG002 - the protocol's signature
        """Never."""
        return ANSWER

    async def remove_member(self, member: Member) -> ProviderAnswer:  # noqa: ARG002 - the protocol's signature
        """Never."""
        return ANSWER

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        """Unknown."""
        return ANSWER

    async def members(self) -> Listing[Member] | Failure:
        """Unknown."""
        return ANSWER

    async def look_up(self, address: str) -> Standing | Failure:  # noqa: ARG002 - the protocol's signature
        """Unknown."""
        return ANSWER

    async def capacity(self) -> Capacity | Failure:
        """Unknown."""
        return ANSWER

    async def check_credential(self) -> CredentialCheck | Failure:
        """No."""
        return ANSWER
