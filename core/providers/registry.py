"""All adapters by name: what each needs, its properties, and how to open it for one team.

`ADAPTERS` is the only place that knows every adapter. A new one is added here, in `credentials`, and to the contract
test's table; nothing else asks which provider a team has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import CredentialUnreadable
from core.providers import chatgpt, credentials, openai_admin, scim
from core.providers.credentials import ParsedCredential
from core.providers.http import HttpClient
from core.providers.protocol import Properties, Provider, Workspace

__all__ = [
    "ADAPTERS",
    "AdapterSpec",
    "ParsedCredential",
    "fitting_providers",
    "open_provider",
    "parse_session",
    "properties_of",
]

SANDBOX_BASE_URL: Final = "http://127.0.0.1:8090/backend-api"


@dataclass(frozen=True, slots=True)
class AdapterSpec:
    """One adapter. `needs` names the fields of its credential, for forms and help texts; `kept` is the one that is
    stored.
    """

    properties: Properties
    default_base_url: str | None
    needs: tuple[str, ...]
    parse_session: Callable[[Mapping[str, Any]], ParsedCredential]
    build: Callable[[Workspace, HttpClient], Provider]
    kept: str = "access_token"


ADAPTERS: Final[Mapping[str, AdapterSpec]] = {
    "sandbox": AdapterSpec(
        replace(chatgpt.PROPERTIES, requests_per_minute=0),
        SANDBOX_BASE_URL,
        ("accessToken", "account"),
        credentials.read_sandbox,
        chatgpt.ChatGPT,
    ),
    "chatgpt": AdapterSpec(
        chatgpt.PROPERTIES, chatgpt.BASE_URL, ("accessToken", "account"), credentials.read_chatgpt, chatgpt.ChatGPT
    ),
    "openai_admin": AdapterSpec(
        openai_admin.PROPERTIES,
        openai_admin.BASE_URL,
        ("admin_key",),
        credentials.read_openai_admin,
        openai_admin.OpenAIAdmin,
        "admin_key",
    ),
    "scim": AdapterSpec(scim.PROPERTIES, None, ("token", "base_url"), credentials.read_scim, scim.Scim, "token"),
}


def parse_session(source: str | Mapping[str, Any], provider: str | None = None) -> ParsedCredential:
    """Read one pasted credential (JSON text or object), of `provider` or of whatever it shows itself to be.

    Raises: CredentialUnreadable.
    """
    pasted = credentials.load(source)
    spec = ADAPTERS.get(provider or credentials.guess_provider(pasted))
    if spec is None:
        raise CredentialUnreadable(reason="credential_unknown_provider")
    return spec.parse_session(pasted)


def fitting_providers(credential: Mapping[str, str], base_url: str | None) -> list[str]:
    """The adapters that can use a stored credential."""
    return sorted(
        name for name, one in ADAPTERS.items() if one.kept in credential and (base_url or one.default_base_url)
    )


def properties_of(provider: str) -> Properties:
    """The properties of a provider. Raises: KeyError for a name that is not in `ADAPTERS`."""
    return ADAPTERS[provider].properties


def open_provider(workspace: Workspace, client: HttpClient) -> Provider:
    """The adapter of one team, over the process's shared client. Cheap: opens no connection.

    Raises: KeyError for a provider that is not in `ADAPTERS`.
    """
    spec = ADAPTERS[workspace.provider]
    base_url = workspace.base_url or spec.default_base_url
    return spec.build(Workspace(workspace.provider, workspace.external_id, workspace.credential, base_url), client)
