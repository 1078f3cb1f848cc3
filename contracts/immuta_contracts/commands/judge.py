"""`immuta-contract run`: judges a mock or a tenant and writes the reports."""

import argparse
import secrets
import sys

from immuta_contracts import options, run
from immuta_contracts.commands import BROKEN, INTERRUPTED, KEPT, CannotRun, need_owner
from immuta_contracts.contract import Contract
from immuta_contracts.opening import contract_of, enter
from immuta_contracts.resolving import resolve
from immuta_contracts.settings import Settings
from immuta_contracts.target import Target, target_of

HELP = "judge a mock or a tenant, promise by promise (the default command)"


def add_options(parser: argparse.ArgumentParser) -> None:
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))
    parser.add_argument("--in-process", action="store_true", help="judge a mock inside this process, without sockets")


def execute(given: argparse.Namespace) -> int:
    """0: nothing broken; 1: a promise is broken; 130: interrupted. Raises `CannotRun`, `BadSettings`."""
    settings = resolve(options.given(given) | ({"url": "mock"} if given.in_process else {})).settings
    need_owner(settings)
    target = target_of(settings, in_process=given.in_process)
    try:
        return _run(target, settings)
    finally:
        target.close()


def _run(target: Target, settings: Settings) -> int:
    seed = settings.seed if settings.seed is not None else secrets.randbelow(10**6)
    contract = contract_of(settings, target, seed=seed)
    _check_key(contract)
    planned = run.plan(contract, settings.only)
    enter(contract)
    result = run.run(contract, planned, sys.stderr)
    contract.finish()
    run.write_reports(contract, result, settings.reports)
    written = f"{settings.reports}/junit.xml, {settings.reports}/run.json"
    sys.stdout.write(f"{run.summary(contract, result)}\n{_scope(settings)}reports: {written}\n")
    if result.interrupted:
        return INTERRUPTED
    if not result.tried:
        raise CannotRun("nothing could be tried; the table above says why")
    return BROKEN if result.broken else KEPT


def _scope(settings: Settings) -> str:
    return f"in scope: {', '.join(settings.connector)}, as the target file says\n" if settings.connector else ""


def _check_key(contract: Contract) -> None:
    """One call as each role, so that a wrong key is said at once and not as a row of broken promises."""
    client = contract.client
    for role in client.target.keys:
        if client.call("GET", "/bim/rpc/user/current", role=role).status == 401:
            variable = getattr(client.settings.keys, role)
            raise CannotRun(f"{client.target.base_url} does not accept the key in {variable}")
