"""Steering a mock while it runs: its state, time, faults and journal, over HTTP under `/__mock__/`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from immuta_mock.control.client import Control, ControlError

__all__ = ["Control", "ControlError"]


def __getattr__(name: str) -> Any:
    """The client, which servers do without: it brings requests along, a twentieth of their memory."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("immuta_mock.control.client"), name)
