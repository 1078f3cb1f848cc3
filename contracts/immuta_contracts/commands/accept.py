"""`immuta-contract accept`: proposes entries of deviations.toml for what a run found broken."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from immuta_contracts.commands import KEPT, CannotRun
from immuta_contracts.deviations import DEFAULT_FILE, Deviation, Place, parse, place_of, read
from immuta_contracts.promises import promises
from immuta_contracts.reports import document as written
from immuta_contracts.spec import Routes
from immuta_contracts.target import document

HELP = "propose entries of deviations.toml for what a run found broken"
DAYS = 90  # until a proposed entry expires
MANY = 6  # operations; a promise that broke on more of them is proposed as a whole
REASON = 200  # characters of a proposed reason


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the run.json that a run wrote")
    parser.add_argument(
        "--deviations", metavar="FILE", type=Path, default=DEFAULT_FILE, help="what is listed (default: %(default)s)"
    )
    parser.add_argument(
        "--expires",
        metavar="DATE",
        type=_day,
        help=f"last day, like 2027-01-31 (default: in {DAYS} days)",
    )
    parser.add_argument("--reason", metavar="TEXT", help="why they are accepted (default: what was expected and seen)")
    parser.add_argument("--write", action="store_true", help="append the entries to the file; nothing in it is changed")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write it like 2027-01-31") from None


def execute(options: argparse.Namespace) -> int:
    """0, with the entries as TOML on the output. Raises `CannotRun`."""
    today = datetime.now(UTC).date()
    expires = options.expires or today + timedelta(DAYS)
    if expires < today:
        raise CannotRun(f"--expires {expires} has passed: entries that have expired excuse nothing")
    if options.reason is not None and not options.reason.strip():
        raise CannotRun("--reason is empty: say why what is broken is accepted, or leave the option out")
    routes = Routes(document())
    listed = read(options.deviations, routes) if options.deviations.exists() else ()
    live = [entry for entry in listed if entry.expires >= today]
    proposed = list(proposals(written.load(options.run), routes, live, expires, options.reason))
    text = "\n".join(f"# {promises()[entry.promise].text}\n{entry.as_toml()}" for entry in proposed)
    sys.stdout.write(text or "# nothing is broken that is not listed\n")
    if options.write and proposed:
        _append(options.deviations, text, routes)
        sys.stderr.write(f"{len(proposed)} entries appended to {options.deviations}\n")
    return KEPT


def proposals(
    run: dict[str, Any], routes: Routes, live: Sequence[Deviation], expires: date, reason: str | None
) -> Iterator[Deviation]:
    """An entry for each operation on which a promise broke beyond the live entries; on many, one for the promise."""
    found: dict[str, dict[str | None, dict[str | None, str]]] = {}
    for promise, place, why in _failures(run, routes):
        if not any(entry.promise == promise and entry.covers(place) for entry in live):
            found.setdefault(promise, {}).setdefault(place.operation, {}).setdefault(place.connector, why)
    for promise, operations in found.items():
        entries = [
            Deviation(
                promise, reason or next(iter(whys.values())), expires, operation, _connector(routes, operation, whys)
            )
            for operation, whys in operations.items()
        ]
        yield from entries if len(entries) <= MANY else [replace(entries[0], operation=None, connector=None)]


def _failures(run: dict[str, Any], routes: Routes) -> Iterator[tuple[str, Place, str]]:
    """The promise, the place and the circumstances of each failure."""
    for each in run["promises"]:
        for failure in each.get("failures", []):
            called = [request.get("operation") for request in failure["requests"]]
            why = f"expected {failure['expected']}, seen {failure['seen']} (seed {run.get('seed')})"
            why = why if len(why) <= REASON else f"{why[: REASON - 3]}..."
            yield each["id"], place_of(routes, each["id"], failure["subject"], called), why


def _connector(routes: Routes, operation: str | None, connectors: Iterable[str | None]) -> str | None:
    """The only connector that it broke on, unless the operation says which one it is."""
    if operation is not None and routes.by_id(operation).connector:
        return None
    first, *more = connectors
    return None if more else first


def _append(path: Path, text: str, routes: Routes) -> None:
    """Add the entries behind what is there."""
    before = path.read_text("utf-8") if path.exists() else ""
    separated = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    parse(before + separated + text, path, routes)
    with path.open("a", encoding="utf-8") as file:
        file.write(separated + text)
