"""Imports Connexion without the command line of httpx, which brings along rich and pygments: a tenth of the start.

Only a process that had not imported httpx before goes without; its functions and clients are all there.
"""

import sys
import warnings
from importlib import import_module

_COMMAND_LINE = "httpx._main"

if "httpx" not in sys.modules:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # Python's mark of what cannot be imported
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the httpx and jsonschema that Connexion finds
        import_module("connexion")
finally:
    if sys.modules.get(_COMMAND_LINE, sys) is None:
        del sys.modules[_COMMAND_LINE]
