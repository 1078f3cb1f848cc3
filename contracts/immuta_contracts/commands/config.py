"""`immuta-contract config`: prints the settings in force and where each came from, secrets masked."""

import argparse
import sys

from immuta_contracts import options
from immuta_contracts.commands import KEPT
from immuta_contracts.resolving import Resolved, flat, resolve

HELP = "print the settings in force and where each came from"


def add_options(parser: argparse.ArgumentParser) -> None:
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))


def execute(given: argparse.Namespace) -> int:
    """Raises `BadSettings`."""
    sys.stdout.write(printed(resolve(options.given(given))) + "\n")
    return KEPT


def printed(resolved: Resolved) -> str:
    """A line for each setting: its name in the target file, its value, and where that came from."""
    rows = [(name, _shown(value), resolved.origin(name)) for name, value in flat(resolved.settings).items()]
    return "\n".join(f"{name:<36} {value:<44} ({origin})" for name, value, origin in rows)


def _shown(value: object) -> str:
    if value is None or value in ((), {}):
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
