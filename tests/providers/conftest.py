"""A sandbox, the real client, and each adapter opened the way the product opens it: from a pasted credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import pytest

from core.providers.http import HttpClient, Limits
from core.providers.protocol import Provider, Workspace
from core.providers.registry import open_provider, parse_session
from core.sandbox import Sandbox

Opener: TypeAlias = Callable[..., Provider]


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    # Generous: nothing that is tested here may depend on how fast the machine is just now.
    async with HttpClient(Limits(connect=20, read=20, total=30)) as client:
        yield client


@pytest.fixture
async def impatient() -> AsyncIterator[HttpClient]:
    """For calls that are never answered."""
    async with HttpClient(Limits(connect=20, read=1, total=2)) as client:
        yield client


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workspaces=2, seats=8, latency_ms=1) as running:
        yield running


@pytest.fixture
def opened(sandbox: Sandbox, http: HttpClient) -> Opener:
    """`opened("scim")`: the adapter of the first workspace; more of the credential by keyword."""

    def open_as(provider: str, index: int = 0, **more: object) -> Provider:
        parsed = parse_session({**sandbox.sessions(provider)[index], **more}, provider)
        return open_provider(Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url), http)

    return open_as
