"""The bodies that the SCIM adapter sends, made by `scim2-models` so that they are what RFC 7643 and 7644 say.

The library takes over a second to import. So it is imported at the first SCIM call and off the loop, and the
command line never pays for it.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

_loaded: Any = None


async def _models() -> Any:
    global _loaded  # noqa: PLW0603 - a module is loaded once per process
    if _loaded is None:
        _loaded = await asyncio.to_thread(import_module, "scim2_models")
    return _loaded


async def user(address: str) -> dict[str, Any]:
    """The creation of an active user whose name is the address."""
    models = await _models()
    made = models.User(
        user_name=address,
        emails=[models.Email(value=address, type="work", primary=True)],
        active=True,
        external_id=address,
    )
    body: dict[str, Any] = made.model_dump(scim_ctx=models.Context.RESOURCE_CREATION_REQUEST)
    return body


async def active(value: bool) -> dict[str, Any]:
    """The change of `active`."""
    models = await _models()
    change = models.PatchOperation(op=models.PatchOperation.Op.replace_, path="active", value=value)
    return await _patch(models.User, change)


async def membership(reference: str, *, add: bool) -> dict[str, Any]:
    """A user into a group or out of it."""
    models = await _models()
    if add:
        change = models.PatchOperation(op=models.PatchOperation.Op.add, path="members", value=[{"value": reference}])
    else:
        quoted = reference.replace("\\", "\\\\").replace('"', '\\"')
        change = models.PatchOperation(op=models.PatchOperation.Op.remove, path=f'members[value eq "{quoted}"]')
    return await _patch(models.Group, change)


async def _patch(resource: Any, change: Any) -> dict[str, Any]:
    models = await _models()
    made = models.PatchOp[resource](operations=[change])
    body: dict[str, Any] = made.model_dump(scim_ctx=models.Context.RESOURCE_PATCH_REQUEST)
    return body
