"""`immuta-contract compare`: sends two targets the same, and says where their answers differ."""

import argparse
import secrets
import sys
from contextlib import ExitStack, closing
from typing import Any

from immuta_contracts import options, run
from immuta_contracts.commands import BROKEN, INTERRUPTED, KEPT, CannotRun, check_keys, need_owner
from immuta_contracts.comparison import Comparison
from immuta_contracts.pairing import Roles, paired
from immuta_contracts.profiles import PROFILES
from immuta_contracts.reports.comparison import document as whole_of
from immuta_contracts.reports.comparison_text import apart, ended, summary
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.files import write_all
from immuta_contracts.resolving import resolve
from immuta_contracts.settings import Settings
from immuta_contracts.target import document, target_of

HELP = "send two targets the same, and say where their answers differ"
NOT_HERE = ("config", "target", "gate", "deviations")  # options of a run that say nothing here


def add_options(parser: argparse.ArgumentParser) -> None:
    for name in ("A", "B"):
        parser.add_argument(
            name.lower(), metavar=name, help="a tenant's URL, a target file (.toml), or 'mock' for one started now"
        )
    parser.add_argument("--wording", action="store_true", help="count it when a refusal is in other words")
    parser.add_argument("--in-process", action="store_true", help="keep mocks inside this process, without sockets")
    options.add_options(
        lambda flag, **about: None if flag in NOT_HERE else parser.add_argument(f"--{flag}", **about),
    )
    parser.set_defaults(config=None, url=None, gate=None, deviations=None)


def execute(given: argparse.Namespace) -> int:
    """0: A and B agree; 1: they differ; 130: interrupted. Raises `CannotRun`, `Unreachable`."""
    settings = paired(*(_settings(options.given(given), word) for word in (given.a, given.b)))
    for each in settings:
        need_owner(each)
    with ExitStack() as stack:
        a, b = (stack.enter_context(closing(target_of(each, in_process=given.in_process))) for each in settings)
        first = settings[0]
        seed = first.seed if first.seed is not None else secrets.randbelow(10**6)
        comparison = Comparison(
            Roles(a, b),
            Roles(b, a),
            settings,
            profile=PROFILES[first.profile],
            seed=seed,
            spec=document(first.overlay),
            wording=given.wording,
        )
        return _close(_compared(comparison), first)


def _settings(asked: dict[str, Any], word: str) -> Settings:
    """Those of one side; a target file is said by its ending."""
    place = "config" if word.endswith(".toml") else "url"
    return resolve({**asked, place: word}).settings


def _compared(comparison: Comparison) -> Document:
    for side in (comparison, comparison.other):
        check_keys(side.client)
    planned = run.plan(comparison, comparison.client.settings.only)
    comparison.begin()
    comparison.run(planned, sys.stderr)
    return whole_of(comparison)


def _close(whole: Document, settings: Settings) -> int:
    sys.stdout.write(f"{summary(whole)}\nreports: {write_all(whole, settings.reports)}\n")
    if whole["interrupted"]:
        return INTERRUPTED
    if not whole["compared"]:
        raise CannotRun(f"nothing could be compared: {ended(whole) or 'what was left out is said above'}")
    return BROKEN if apart(whole) else KEPT
