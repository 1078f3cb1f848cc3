"""`immuta-contract report`: renders the reports of a run again from its run.json, or prints the schema of that file."""

import argparse
import json
import sys
from pathlib import Path

from immuta_contracts.commands import KEPT, CannotRun
from immuta_contracts.reports.document import COMPARISON, FORMAT, BadDocument, load, schema
from immuta_contracts.reports.files import render_all

HELP = "render the reports of a run, or of a comparison, again from its JSON document"
SCHEMAS = {"run": FORMAT, "comparison": COMPARISON}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN.JSON", type=Path, nargs="?", help="a run.json, or a comparison.json")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: beside the run.json)")
    parser.add_argument(
        "--schema",
        nargs="?",
        const="run",
        choices=SCHEMAS,
        help="print the JSON schema of run.json, or of comparison.json, instead",
    )


def execute(options: argparse.Namespace) -> int:
    """0, whatever the run found. Raises `CannotRun`."""
    if options.schema:
        sys.stdout.write(json.dumps(schema(SCHEMAS[options.schema]), indent=2, ensure_ascii=False) + "\n")
        return KEPT
    if options.run is None:
        raise CannotRun("which run? Give the path of a run.json, like: immuta-contract report reports/run.json")
    try:
        whole = load(options.run, FORMAT, COMPARISON)
    except BadDocument as error:
        raise CannotRun(str(error)) from error
    folder = options.out or options.run.parent
    sys.stdout.write(f"reports: {', '.join(str(folder / name) for name in render_all(whole, folder))}\n")
    return KEPT
