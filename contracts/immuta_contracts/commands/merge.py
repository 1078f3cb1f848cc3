"""`immuta-contract merge`: joins the shards of a run into one run.json and renders its reports."""

import argparse
from pathlib import Path

from immuta_contracts.commands.closing import close
from immuta_contracts.merging import merged
from immuta_contracts.reports.document import load

HELP = "join the run.json of each shard of a run into one, and render its reports"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", metavar="RUN.JSON", type=Path, nargs="+", help="the run.json of each shard")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("reports"), help="where to write (default: %(default)s)"
    )


def execute(options: argparse.Namespace) -> int:
    """The exit code of the whole run. Raises `CannotRun`."""
    return close(merged([(str(path), load(path)) for path in options.runs]), options.out)
