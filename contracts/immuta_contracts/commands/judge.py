"""`immuta-contract run`: judges a mock or a tenant and writes the reports."""

import argparse
import secrets
import sys

from immuta_contracts import options, run
from immuta_contracts.commands import BROKEN, INTERRUPTED, KEPT, CannotRun, need_owner
from immuta_contracts.contract import Contract
from immuta_contracts.deviations import DEFAULT_FILE, read
from immuta_contracts.gates import ALL, DOCUMENTED, Gate
from immuta_contracts.profiles import PROFILES
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.text import summary
from immuta_contracts.resolving import resolve
from immuta_contracts.settings import Settings
from immuta_contracts.spec import Routes
from immuta_contracts.target import Target, document, target_of

HELP = "judge a mock or a tenant, promise by promise (the default command)"


def add_options(parser: argparse.ArgumentParser) -> None:
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))
    parser.add_argument("--in-process", action="store_true", help="judge a mock inside this process, without sockets")


def execute(given: argparse.Namespace) -> int:
    """0: nothing broken that gates; 1: a gating promise is broken; 130: interrupted. Raises `CannotRun`."""
    settings = resolve(options.given(given) | ({"url": "mock"} if given.in_process else {})).settings
    need_owner(settings)
    target = target_of(settings, in_process=given.in_process)
    try:
        return _run(target, settings)
    finally:
        target.close()


def _run(target: Target, settings: Settings) -> int:
    seed = settings.seed if settings.seed is not None else secrets.randbelow(10**6)
    profile, spec = PROFILES[settings.profile], document(settings.overlay)
    gate = _gate(settings, Routes(spec))
    contract = Contract(target, profile=profile, seed=seed, spec=spec, settings=settings)
    _check_key(contract)
    planned = run.plan(contract, settings.only)
    contract.begin()
    result = run.run(contract, planned, sys.stderr, gate=gate)
    whole = run.document(contract, result)
    sys.stdout.write(f"{summary(whole)}\n{_scope(settings)}reports: {write_all(whole, settings.reports)}\n")
    if result.interrupted:
        return INTERRUPTED
    if not result.tried:
        raise CannotRun("nothing could be tried; the table above says why")
    return BROKEN if result.fails else KEPT


def _gate(settings: Settings, routes: Routes) -> Gate:
    """A mock keeps all promises or is at fault; a tenant answers for what is documented."""
    usual = ALL if settings.url is None else DOCUMENTED
    path = settings.deviations
    if path is None and settings.url is not None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    return Gate(frozenset(settings.gate) if settings.gate is not None else usual, read(path, routes) if path else ())


def _scope(settings: Settings) -> str:
    return f"in scope: {', '.join(settings.connector)}, as the target file says\n" if settings.connector else ""


def _check_key(contract: Contract) -> None:
    """One call as each role, so that a wrong key is said at once and not as a row of broken promises."""
    client = contract.client
    for role in client.target.keys:
        if client.call("GET", "/bim/rpc/user/current", role=role).status == 401:
            variable = getattr(client.settings.keys, role)
            raise CannotRun(f"{client.target.base_url} does not accept the key in {variable}")
