"""`immuta-contract clean`: finishes the work of a run that was killed, and finds what runs have left."""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from immuta_contracts.cleanup import remove
from immuta_contracts.client import Client
from immuta_contracts.commands import BROKEN, KEPT, CannotRun, need_owner
from immuta_contracts.ledger import FOLDER, Account, BadLedger, in_use, is_blank, read
from immuta_contracts.pins import pinned_connections
from immuta_contracts.resolving import resolve
from immuta_contracts.spec import Routes
from immuta_contracts.steady import Steady
from immuta_contracts.target import document, target_of

HELP = "remove from a target what a killed run has left, and find strays"
RUN = re.compile(r"contract-(\d+(?:s\d+)?[a-z]?)-(?:\d+|spare)(?: |$)")
"""Names of data sources as runs give them; holds the name of the run."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="target file, for the keys and the way to the tenant")
    parser.add_argument("--target", metavar="URL", help="the tenant (default: the one that the ledger names)")
    parser.add_argument("--ledger", metavar="FILE", type=Path, action="append", help=f"default: all in {FOLDER}")
    parser.add_argument("--run", metavar="NAME", help="remove the data sources of this run where its ledger is lost")
    parser.add_argument(
        "--settle",
        type=float,
        default=2.0,
        metavar="SECONDS",
        help="how long a request that was under way may take to have its effect (default: %(default)s)",
    )


def execute(options: argparse.Namespace) -> int:
    """0: nothing is left; 1: something is, and was listed. Raises `CannotRun`."""
    if options.run is not None:
        return _remove_proven(_client(options, _needed(options.target), options.run))
    ledgers = _ledgers(options)
    if ledgers:
        return max(_finish(path, options) for path in ledgers)
    return _list_strays(options)


def _ledgers(options: argparse.Namespace) -> Sequence[Path]:
    found = options.ledger or sorted(FOLDER.glob("*.jsonl"))
    blank = [path for path in found if is_blank(path)]
    for path in blank:
        path.unlink()
    found = [path for path in found if path not in blank]
    if options.ledger is None and options.target is not None:
        return [path for path in found if _account(path).target == options.target.rstrip("/")]
    return list(found)


def _account(path: Path) -> Account:
    try:
        return read(path)
    except BadLedger as error:
        raise CannotRun(str(error)) from error


def _finish(path: Path, options: argparse.Namespace) -> int:
    """Remove everything that a ledger tells of, and whatever else bears the run's prefix, which was free before."""
    account = _account(path)
    if in_use(path):
        raise CannotRun(f"the run {account.run} still goes on; its ledger is {path}")
    client = _client(options, options.target or account.target, account.run)
    if client.target.base_url != account.target:
        sys.stderr.write(f"{path} is about {account.target} and stays; elsewhere a name alone is no proof\n")
        return _remove_proven(client)
    _clear(client, account.names)
    if account.names:
        time.sleep(options.settle)  # what was sent just before the end may have come to effect only now
    left = _clear(client, [*account.names, *_bearing(client, client.fence.prefix)])
    left = list(dict.fromkeys([*left, *_bearing(client, client.fence.prefix)]))
    if not left:
        path.unlink()
    return _report(client, len(account.names), left)


def _clear(client: Client, names: Sequence[str]) -> list[str]:
    """Remove the data sources of these names, newest first; returns the names still there."""
    return [name for name in reversed(dict.fromkeys(names)) if not remove(client, name)]


def _report(client: Client, number: int, left: Sequence[str]) -> int:
    what = f"run {client.fence.run} on {client.target.base_url}: {number} data sources were under way or standing"
    sys.stdout.write(f"{what}, {len(left)} are left" + "".join(f"\n  {name}" for name in left) + "\n")
    return BROKEN if left else KEPT


def _remove_proven(client: Client) -> int:
    """Without a ledger a name alone is no proof: the host has to be one of the run's, or the one it was pinned to."""
    bearing, pinned = _bearing(client, client.fence.prefix), pinned_connections(client.settings)
    made = (name for name, string in bearing.items() if client.fence.marker in string or string in pinned)
    own = [name for name in made if RUN.match(name)]
    left = _clear(client, own)
    return _report(client, len(own), [*left, *(name for name in bearing if name not in own)])


def _list_strays(options: argparse.Namespace) -> int:
    """Without a ledger nothing is removed: a name alone is no proof."""
    client = _client(options, _needed(options.target), "")
    found = Counter(match[1] for name in _bearing(client, "contract-") if (match := RUN.match(name)))
    write = sys.stdout.write
    for run, number in sorted(found.items()):
        write(f"{number} data sources look like those of the run {run}; to remove them:\n")
        write(f"  immuta-contract clean --target {client.target.base_url} --run {run}\n")
    if not found:
        write(f"no ledger in {FOLDER}, and no data source on {client.target.base_url} looks like one of a run\n")
    return BROKEN if found else KEPT


def _needed(url: str | None) -> str:
    if url is None:
        raise CannotRun(f"there is no ledger in {FOLDER}: name the tenant with --target URL")
    return url


def _client(options: argparse.Namespace, url: str, run: str) -> Client:
    settings = replace(resolve({"config": options.config, "url": url}).settings, mode="own")
    need_owner(settings)
    steady = Steady(target_of(settings), settings.limits)
    client = Client(steady, Routes(document()), settings, run=run)
    steady.recheck = client.fence.admit
    if client.call("GET", "/bim/rpc/user/current").status == 401:
        raise CannotRun(f"{url} does not accept the key in {settings.keys.owner}")
    return client


def _bearing(client: Client, prefix: str) -> dict[str, str]:
    """Names that begin with the prefix, with their connection strings."""
    found = client.fence.listed("searchText", prefix)
    if found is None:
        raise CannotRun(f"{client.target.base_url} does not list its data sources")
    named = {str(hit.get("name", "")): str(hit.get("connectionString", "")) for hit in found}
    return {name: string for name, string in named.items() if name.startswith(prefix)}
