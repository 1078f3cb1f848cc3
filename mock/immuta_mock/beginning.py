"""The tenants that the options of the command ask for: with what they begin, and where they last."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from immuta_mock.control.document import read_file
from immuta_mock.control.handlers.faults import check_rules
from immuta_mock.errors import BadRequest, Refusal
from immuta_mock.recorded.seeding import seed_of
from immuta_mock.spec import SpecError, load_spec, operations
from immuta_mock.store import Store
from immuta_mock.store.keeping import CannotKeep
from immuta_mock.tenants import DEFAULT, Tenants
from immuta_mock.users import load_users

if TYPE_CHECKING:  # in memory nobody needs Redis and its package, or SQLite
    from immuta_mock.sharing import Shared
    from immuta_mock.statefile import StateFile


@contextmanager
def begun(options: argparse.Namespace) -> Iterator[Tenants]:
    """The tenants, as the state file or the shared store says if one is named, which is closed at the end."""
    store, faults = _store(options), _faults(options)
    if options.store is not None:
        with shared(options.store) as found:
            yield _sharing(found, store, options, faults)
    elif options.state is not None:
        from immuta_mock.statefile import StateFile

        with StateFile(options.state) as file:
            warn_if_begun(options, options.state, there=DEFAULT in file.tenants())
            yield _lasting(file, store, options, faults)
    else:
        yield Tenants(store, limit=options.tenants, faults=faults)


@contextmanager
def shared(url: str) -> "Iterator[Shared]":
    """The store at a URL. Raises CannotKeep."""
    try:
        from immuta_mock.sharing import Shared
    except ImportError:
        raise CannotKeep("a store needs the package redis: pip install 'immuta-contract-kit[redis]'") from None
    with Shared(url) as found:
        yield found


def warn_if_begun(options: argparse.Namespace, place: str, *, there: bool) -> None:
    """What is to be said of files that are not read, as the state they are for is there already."""
    if there and (options.users or options.seed_file or options.seed_from):
        begun = "--users, --seed-file and --seed-from are for new tenants, and for those that are reset"
        sys.stderr.write(f"immuta-mock: warning: {place} has a state already; {begun}\n")


def _lasting(file: "StateFile", store: Store, options: argparse.Namespace, faults: list[dict[str, Any]]) -> Tenants:
    try:
        return Tenants(store, limit=options.tenants, faults=faults, keeping=file)
    except CannotKeep as error:
        raise CannotKeep(f"state file {options.state}: {error}") from None


def _sharing(found: "Shared", store: Store, options: argparse.Namespace, faults: list[dict[str, Any]]) -> Tenants:
    from immuta_mock.sharing import SharedTenants

    if options.workers is None:
        warn_if_begun(options, found.server.shown, there=found.has(DEFAULT))
    try:
        return SharedTenants(found, store, limit=options.tenants, faults=faults)
    except (CannotKeep, Refusal) as error:
        raise CannotKeep(f"store {found.server.shown}: {error}") from None


def _store(options: argparse.Namespace) -> Store:
    """The default tenant's store, with the state of the seed file."""
    store = Store(
        load_users(options.users) if options.users is not None else None,
        token_lifetime=timedelta(seconds=options.token_seconds),
        job_duration=timedelta(seconds=options.job_seconds),
    )
    if options.seed_file is not None or options.seed_from is not None:
        try:
            store.load(_seed(options))
        except BadRequest as error:
            raise SpecError(f"{options.seed_file or options.seed_from}: {error.message}") from None
    return store


def _seed(options: argparse.Namespace) -> dict[str, Any]:
    if options.seed_file is not None:
        return read_file(options.seed_file, "State")
    seed, left_out = seed_of(options.seed_from, options.overlay)
    sys.stderr.writelines(f"immuta-mock: {options.seed_from}: {line}\n" for line in left_out)
    return seed


def _faults(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.faults is None:
        return []
    rules: list[dict[str, Any]] = read_file(options.faults, "FaultList")["faults"]
    try:
        check_rules(rules, [operation.operation_id for operation in operations(load_spec(options.overlay))])
    except BadRequest as error:
        raise SpecError(f"{options.faults}: {error.message}") from None
    return rules
