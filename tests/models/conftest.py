"""A sandbox with model accounts, the real client, and the upstream of its first account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.models.protocol import Upstream
from core.providers.http import HttpClient
from core.sandbox import Sandbox
from tests.models.asking import open_source


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient() as client:
        yield client


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workspaces=1, latency_ms=1, model_accounts=4) as running:
        yield running


@pytest.fixture
def upstream(sandbox: Sandbox, http: HttpClient) -> Upstream:
    return open_source(sandbox, http)
