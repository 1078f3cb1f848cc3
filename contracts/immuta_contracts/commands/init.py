"""`immuta-contract init`: writes a target file to fill in."""

import argparse
import sys
from importlib.resources import files
from pathlib import Path

import immuta_contracts
from immuta_contracts.commands import KEPT, CannotRun
from immuta_contracts.target_file import DEFAULT_FILE

HELP = "write a commented target file to fill in"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE, help="default: %(default)s")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def execute(options: argparse.Namespace) -> int:
    """Raises `CannotRun` where it would write over something, or cannot write."""
    try:
        with options.file.open("w" if options.force else "x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise CannotRun(f"{options.file} is there already; --force writes over it") from None
    except OSError as error:
        raise CannotRun(f"{options.file} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{options.file} written; fill it in, then try it with: immuta-contract check\n")
    return KEPT


def template() -> str:
    """The target file with every name it may hold, most of them in comments."""
    return files(immuta_contracts).joinpath("target.toml").read_text("utf-8")
