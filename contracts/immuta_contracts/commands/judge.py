"""`immuta-contract run`: judges a mock or a tenant and writes the reports."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from immuta_contracts import run
from immuta_contracts.commands import BROKEN, INTERRUPTED, KEPT, CannotRun
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import DEFAULT, PROFILES
from immuta_contracts.settings import Limits
from immuta_contracts.steady import NEARBY
from immuta_contracts.target import KEY_VARIABLES, InProcessMock, MockProcess, Target, Tenant, document

HELP = "judge a mock or a tenant, promise by promise (the default command)"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", metavar="URL", help="the tenant to judge (default: a mock started for the run)")
    parser.add_argument("--in-process", action="store_true", help="judge a mock inside this process, without sockets")
    parser.add_argument(
        "--profile", choices=PROFILES, default=DEFAULT.name, help="how much to try (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, help="repeat the run of that seed (default: a new one, printed)")
    parser.add_argument("--only", metavar="NAMES", help="promises or operation ids, separated by commas")
    parser.add_argument("--overlay", metavar="NAME", action="append", default=[], help="'strict' or an overlay file")
    parser.add_argument("--reports", metavar="DIR", type=Path, default=Path("reports"), help="default: %(default)s")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help="for one answer (default: 30)")


def execute(options: argparse.Namespace) -> int:
    """0: nothing broken; 1: a promise is broken; 130: interrupted. Raises `CannotRun`."""
    target = _target(options)
    try:
        return _run(target, options)
    finally:
        target.close()


def _target(options: argparse.Namespace) -> Target:
    if options.target is None:
        return (InProcessMock if options.in_process else MockProcess)(overlays=options.overlay)
    keys = {role: os.environ[name] for role, name in KEY_VARIABLES.items() if os.environ.get(name)}
    if "owner" not in keys:
        raise CannotRun(f"no API key for {options.target}: set {KEY_VARIABLES['owner']} in the environment")
    return Tenant(options.target, keys, timeout=options.timeout)


def _run(target: Target, options: argparse.Namespace) -> int:
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    limits = NEARBY if options.target is None else Limits(timeout=options.timeout)
    spec = document(tuple(options.overlay))
    contract = Contract(target, profile=PROFILES[options.profile], seed=seed, spec=spec, limits=limits)
    _check_key(contract)
    planned = run.plan(contract, options.only)
    result = run.run(contract, planned, sys.stderr)
    run.write_reports(contract, result, options.reports)
    sys.stdout.write(
        f"{run.summary(contract, result)}\nreports: {options.reports}/junit.xml, {options.reports}/run.json\n"
    )
    if result.interrupted:
        return INTERRUPTED
    if not result.tried:
        raise CannotRun("nothing could be tried; the table above says why")
    return BROKEN if result.broken else KEPT


def _check_key(contract: Contract) -> None:
    """One call as each role, so that a wrong key is said at once and not as a row of broken promises."""
    for role in contract.client.target.keys:
        if contract.client.call("GET", "/bim/rpc/user/current", role=role).status == 401:
            raise CannotRun(f"{contract.client.target.base_url} does not accept the key in {KEY_VARIABLES[role]}")
