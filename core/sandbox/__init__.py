"""The simulated upstream: workspaces, a ledger, three protocols and every fault, over real HTTP."""

from core.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
