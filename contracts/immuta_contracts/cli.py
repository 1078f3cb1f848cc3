"""`immuta-contract`: judges a mock or a tenant and says with its exit code what it found.

0: nothing broken; 1: a promise is broken; 2: it could not run; 130: interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType

from immuta_contracts.commands import (
    COULD_NOT_RUN,
    INTERRUPTED,
    CannotRun,
    accept,
    check,
    clean,
    compare,
    config,
    init,
    judge,
    merge,
    replay,
    report,
)
from immuta_contracts.target import KEY_VARIABLES, Unreachable
from immuta_mock.spec import SpecError

COMMANDS: dict[str, ModuleType] = {
    "run": judge,
    "init": init,
    "check": check,
    "config": config,
    "report": report,
    "merge": merge,
    "accept": accept,
    "replay": replay,
    "compare": compare,
    "clean": clean,
}
GENERAL = ("-h", "--help", "--version")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command; without the name of a command it is `run`."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in (*COMMANDS, *GENERAL):
        words.insert(0, "run")
    options = parser().parse_args(words)
    try:
        code: int = COMMANDS[options.command].execute(options)
        sys.stdout.flush()
    except (CannotRun, SpecError, Unreachable) as error:
        sys.stderr.write(f"immuta-contract: {error}\n")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # who read the output has seen enough; nothing is left to flush at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    return code


def parser() -> argparse.ArgumentParser:
    """What reads the command line."""
    parser = argparse.ArgumentParser(
        prog="immuta-contract",
        description="Judge a mock or a tenant of the Immuta V1 'connect your data' API, promise by promise.",
        epilog="API keys come from the environment: "
        + ", ".join(KEY_VARIABLES.values())
        + ". Exit code 0: nothing broken; 1: a promise is broken; 2: it could not run.",
    )
    parser.add_argument("--version", action="version", version=version("immuta-contract-kit"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, module in COMMANDS.items():
        module.add_options(commands.add_parser(name, help=module.HELP, description=module.HELP, epilog=parser.epilog))
    return parser
