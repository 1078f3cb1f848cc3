"""The tenants of one server: each with a store of its own, made when it is first asked for, in a bounded number."""

import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any

from immuta_mock.checks import Checks
from immuta_mock.errors import BadRequest, Refusal, quoted
from immuta_mock.injection.rules import FaultRules
from immuta_mock.journal.entries import Journal
from immuta_mock.store import Store
from immuta_mock.store.keeping import CannotKeep, Keeper, Keeping
from immuta_mock.users import Directory, User

DEFAULT = "default"
MOST_TENANTS = 256

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TENANT = "immuta_mock.tenant"

logger = logging.getLogger(__name__)


class NoSuchTenant(Refusal):
    """No tenant of this name is there now."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no tenant {quoted(name)}; it is made by the first request to it.")


class Tenant:
    """All that one tenant has; no two share any of it."""

    def __init__(
        self, name: str, store: Store, faults: FaultRules, journal: Journal, keeper: Keeper | None = None
    ) -> None:
        self.name = name
        self.store = store
        self.faults = faults
        self.journal = journal
        self.start = store.snapshot()
        self.steered = 0
        """How often the control API has changed something."""
        self._keeper = keeper
        if keeper is not None:
            store.keep_in(keeper)

    def steer(self) -> None:
        """Note that somebody has changed something without being a client."""
        self.steered += 1

    def reset(self) -> None:
        """Be as at the start; snapshots stay."""
        self.store.reset(self.start)
        self.faults.reset()
        self.journal.clear()

    def exchange_users(self, before: Collection[User], after: Sequence[User]) -> None:
        """Have others in place of some users, now and after a reset; raises UsersError where two share something."""
        start = replace(self.start, directory=self.start.directory.exchanged(before, after))
        self.store.exchange_users(before, after)
        self.start = start
        self.steer()

    def end(self) -> None:
        """Last no longer."""
        if self._keeper is not None:
            self._keeper.forget()


class Tenants:
    """The tenants by name. The default one has the store given and never goes; the others begin as that one began.

    Of the others there are at most `limit`; one more makes the least recently used go. Each has the fault rules
    `faults` at its start, and a journal with the bounds of the one given. Their states last in `keeping`, if there is
    one: those it has are there from the start. Raises CannotKeep.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        limit: int = MOST_TENANTS,
        faults: Sequence[Mapping[str, Any]] = (),
        journal: Journal | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        self._limit = limit
        self._faults = faults
        self._journal = journal if journal is not None else Journal()
        self._keeping = keeping
        self._lock = RLock()
        self.default = self._tenant(DEFAULT, store if store is not None else Store())
        self._others = OrderedDict((name, self._made(name)) for name in self._kept())

        self.operations: Mapping[str, Checks] = {}
        """Those that are served, by operationId; known once there is a server."""
        self.place: str | None = None
        """Where others find them, too."""
        self.visit: Callable[[str], Awaitable[None]] | None = None
        """What is to be waited for before a tenant is found; nothing, where nobody else has it."""

    def find(self, name: str) -> Tenant:
        """The tenant of this name, made if need be. Raises BadRequest for what is no name."""
        if name == DEFAULT:
            return self.default
        with self._lock:
            tenant = self._others.get(name) or self._add(name)
            self._others.move_to_end(name)
            return tenant

    def names(self) -> tuple[str, ...]:
        """The default tenant first, then the others, the least recently used first."""
        with self._lock:
            return (DEFAULT, *self._others)

    def holds(self, tenant: Tenant) -> bool:
        """Whether a tenant is still there."""
        return tenant is self.default or self._others.get(tenant.name) is tenant

    def remove(self, name: str) -> None:
        """Forget a tenant; a later request to it makes a new one. Raises NoSuchTenant, BadRequest."""
        if name == DEFAULT:
            raise BadRequest("the default tenant stays; reset it instead")
        with self._lock:
            if name not in self._others:
                raise NoSuchTenant(name)
            self._end(name)

    def exchange_users(self, before: Collection[User], after: Sequence[User]) -> None:
        """Have others in place of some users, in all tenants or, raising UsersError, in none."""
        with self._lock:
            tenants = [self.find(name) for name in self.names()]
            for tenant in tenants:
                Directory(tenant.store.users).exchanged(before, after)
            for tenant in tenants:
                tenant.exchange_users(before, after)

    def _add(self, name: str) -> Tenant:
        checked_name(name)
        if len(self._others) >= self._limit:
            gone = next(iter(self._others))
            self._end(gone)
            logger.warning("tenant %s is gone: it was the least recently used of more than %s", gone, self._limit)
        self._others[name] = tenant = self._made(name)
        return tenant

    def _end(self, name: str) -> None:
        self._others[name].end()
        del self._others[name]

    def _kept(self) -> list[str]:
        """The names of the others that last."""
        names = [name for name in self._keeping.tenants() if name != DEFAULT] if self._keeping is not None else []
        if len(names) > self._limit:
            raise CannotKeep(f"{len(names)} tenants are kept, and {self._limit} may be there; let there be more")
        return names

    def _made(self, name: str) -> Tenant:
        """A tenant as it was kept, or as the default one began."""
        store = self.default.store.fresh()
        store.restore(self.default.start)
        return self._tenant(name, store)

    def _tenant(self, name: str, store: Store) -> Tenant:
        keeper = self._keeping.of(name) if self._keeping is not None else None
        return Tenant(name, store, FaultRules(self._faults), self._journal.empty(), keeper)


def checked_name(name: str) -> str:
    """What is a name of a tenant; raises BadRequest for anything else."""
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"{quoted(name)} is no name of a tenant; give 1 to 64 letters, digits, '.', '_' or '-', "
            "a letter or digit first"
        )
    return name


def attach(scope: Mapping[str, Any], tenant: Tenant) -> None:
    """Say whose request an ASGI scope is."""
    scope["extensions"][_TENANT] = tenant


def tenant_of(scope: Mapping[str, Any]) -> Tenant:
    """The tenant that a request is about, in the layers behind `Tenancy`."""
    tenant: Tenant = scope["extensions"][_TENANT]
    return tenant
