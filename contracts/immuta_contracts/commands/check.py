"""`immuta-contract check`: tries the target file by reading alone, and says what a run would try there."""

import argparse
import sys
from collections.abc import Iterator

from immuta_contracts import options
from immuta_contracts.client import Client
from immuta_contracts.commands import COULD_NOT_RUN, KEPT, need_owner
from immuta_contracts.examining import Finding, examine
from immuta_contracts.rehearsal import Forecast, rehearse
from immuta_contracts.resolving import resolve
from immuta_contracts.settings import Settings
from immuta_contracts.spec import Routes
from immuta_contracts.target import document, target_of

HELP = "try the target file by reading alone, and say what a run will and will not try"


def add_options(parser: argparse.ArgumentParser) -> None:
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))


def execute(given: argparse.Namespace) -> int:
    """0: a run can go ahead; 2: it cannot. Raises `BadSettings`, `CannotRun`, `Unreachable`."""
    resolved = resolve(options.given(given))
    need_owner(resolved.settings)
    findings = _examined(resolved.settings)
    file = Finding("settings", str(resolved.file or "no target file"))
    sys.stdout.write("\n".join(map(str, [file, *findings])) + "\n\n")
    if any(finding.stops for finding in findings):
        return COULD_NOT_RUN
    sys.stdout.write("\n".join(_lines(rehearse(resolved.settings))) + "\n")
    return KEPT


def _examined(settings: Settings) -> list[Finding]:
    target = target_of(settings, in_process=True)
    try:
        return list(examine(Client(target, Routes(document(settings.overlay)), settings)))
    finally:
        target.close()


def _lines(forecasts: list[Forecast]) -> Iterator[str]:
    yield f"{'promises that will be tried':<28} {'whole':>7} {'in part':>8} {'not':>5}"
    for each in forecasts:
        yield f"{each.family:<28} {each.whole:>7} {each.part:>8} {each.none:>5}"
        for reason, promises in each.reasons.items():
            yield f"    {', '.join(promises)}: {reason}"
