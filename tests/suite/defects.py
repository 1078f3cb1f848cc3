"""All planted defects, by name."""

import importlib
import pkgutil
from pathlib import Path

from planting import DEFECTS

for _module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if _module.name.startswith("defects_"):
        importlib.import_module(_module.name)

__all__ = ["DEFECTS"]
