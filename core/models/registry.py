"""All model adapters by name, and how one source's or one parent's is opened.

`ADAPTERS` and `PARENTS` are the only places that know every adapter; nothing else asks which one a source has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from core.models.openai_compatible import OpenAICompatible
from core.models.protocol import Account, Bounds, Upstream
from core.models.subaccounts.litellm import Litellm
from core.models.subaccounts.openai_admin import ServiceAccounts
from core.models.subaccounts.plugin import Plugin
from core.models.subaccounts.protocol import Parent, ParentAccount
from core.providers.http import HttpClient

Opener: TypeAlias = Callable[[Account, HttpClient, Bounds], Upstream]

ParentOpener: TypeAlias = Callable[[ParentAccount, HttpClient], Parent]

ADAPTERS: Final[Mapping[str, Opener]] = {"openai_compatible": OpenAICompatible}
PARENTS: Final[Mapping[str, ParentOpener]] = {
    "plugin": Plugin,
    "litellm": Litellm,
    "openai_admin": ServiceAccounts,
}


def open_upstream(account: Account, client: HttpClient, bounds: Bounds | None = None) -> Upstream:
    """The adapter of one source, over the process's shared client. Cheap: opens no connection.

    Raises: KeyError for an adapter that is not in `ADAPTERS`.
    """
    return ADAPTERS[account.adapter](account, client, bounds or Bounds())


def open_parent(account: ParentAccount, client: HttpClient) -> Parent:
    """The adapter of one parent of subaccounts. Cheap: opens no connection.

    Raises: KeyError for an adapter that is not in `PARENTS`.
    """
    return PARENTS[account.adapter](account, client)
