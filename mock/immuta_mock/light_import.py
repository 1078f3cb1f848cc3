"""Imports Connexion without what a mock never needs: a sixth of the start, and 5 MB of memory.

That is the command line of httpx, with rich and pygments, and requests, which Connexion would fetch documents with.
Only a process that had not imported httpx before goes without the one; the other is there when Connexion asks for it.
"""

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any

_COMMAND_LINE = "httpx._main"
_FETCHING = "requests"


class _Later(ModuleType):
    """A module that is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


_kept_out: dict[str, ModuleType | None] = {_FETCHING: _Later(_FETCHING)}
if "httpx" not in sys.modules:
    _kept_out[_COMMAND_LINE] = None  # Python's mark of what cannot be imported
_kept_out = {name: module for name, module in _kept_out.items() if name not in sys.modules}

sys.modules.update(_kept_out)  # type: ignore[arg-type]  # as said of None
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the httpx and jsonschema that Connexion finds
        import_module("connexion")
finally:
    for _name in _kept_out:
        sys.modules.pop(_name, None)
