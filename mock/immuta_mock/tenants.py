"""The tenants of one server: each with a store of its own, made when it is first asked for, in a bounded number."""

import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from immuta_mock.errors import BadRequest, Refusal, quoted
from immuta_mock.injection.rules import FaultRules
from immuta_mock.journal.entries import Journal
from immuta_mock.store import Store
from immuta_mock.store.state import State

DEFAULT = "default"
MOST_TENANTS = 256
MOST_SNAPSHOTS = 100

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TENANT = "immuta_mock.tenant"

logger = logging.getLogger(__name__)


class NoSuchTenant(Refusal):
    """No tenant of this name is there now."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no tenant {quoted(name)}; it is made by the first request to it.")


class NoSuchSnapshot(Refusal):
    """No snapshot of this name was saved."""

    status = 404

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no snapshot {quoted(name)}; there are: {', '.join(known) or 'none'}.")


class Tenant:
    """All that one tenant has; no two share any of it."""

    def __init__(self, name: str, store: Store, faults: FaultRules, journal: Journal) -> None:
        self.name = name
        self.store = store
        self.faults = faults
        self.journal = journal
        self.start = store.snapshot()
        self.steered = 0
        """How often the control API has changed something."""
        self._snapshots: dict[str, State] = {}

    def reset(self) -> None:
        """Be as at the start; snapshots stay."""
        self.store.restore(self.start)
        self.store.reset_time()
        self.faults.reset()
        self.journal.clear()

    def snapshots(self) -> dict[str, int]:
        """How many data sources each saved snapshot holds, by its name."""
        return {name: len(state.data_sources) for name, state in self._snapshots.items()}

    def save(self, name: str) -> None:
        """Keep the state as it is now under a name, in place of what had that name."""
        if name not in self._snapshots and len(self._snapshots) >= MOST_SNAPSHOTS:
            raise BadRequest(f"there are {MOST_SNAPSHOTS} snapshots already; remove one first")
        self._snapshots[name] = self.store.snapshot()

    def restore(self, name: str) -> None:
        """Be in the state that was saved under a name; raises NoSuchSnapshot."""
        self.store.restore(self._snapshot(name))

    def forget(self, name: str) -> None:
        """Keep a snapshot no longer; raises NoSuchSnapshot."""
        self._snapshot(name)
        self._snapshots.pop(name, None)

    def _snapshot(self, name: str) -> State:
        if name not in self._snapshots:
            raise NoSuchSnapshot(name, self._snapshots)
        return self._snapshots[name]


class Tenants:
    """The tenants by name. The default one has the store given and never goes; the others begin as that one began.

    Of the others there are at most `limit`; one more makes the least recently used go. Each has the fault rules
    `faults` at its start, and a journal with the bounds of the one given.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        limit: int = MOST_TENANTS,
        faults: Sequence[Mapping[str, Any]] = (),
        journal: Journal | None = None,
    ) -> None:
        self._limit = limit
        self._faults = faults
        self._journal = journal if journal is not None else Journal()
        self._lock = Lock()
        self.default = self._tenant(DEFAULT, store if store is not None else Store())
        self._others: OrderedDict[str, Tenant] = OrderedDict()

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
            if self._others.pop(name, None) is None:
                raise NoSuchTenant(name)

    def _add(self, name: str) -> Tenant:
        if not _NAME.fullmatch(name):
            raise BadRequest(
                f"{quoted(name)} is no name of a tenant; give 1 to 64 letters, digits, '.', '_' or '-', "
                "a letter or digit first"
            )
        store = self.default.store.fresh()
        store.restore(self.default.start)
        self._others[name] = tenant = self._tenant(name, store)
        if len(self._others) > self._limit:
            gone, _ = self._others.popitem(last=False)
            logger.warning("tenant %s is gone: it was the least recently used of more than %s", gone, self._limit)
        return tenant

    def _tenant(self, name: str, store: Store) -> Tenant:
        return Tenant(name, store, FaultRules(self._faults), self._journal.empty())


def attach(scope: Mapping[str, Any], tenant: Tenant) -> None:
    """Say whose request an ASGI scope is."""
    scope["extensions"][_TENANT] = tenant


def tenant_of(scope: Mapping[str, Any]) -> Tenant:
    """The tenant that a request is about, in the layers behind `Tenancy`."""
    tenant: Tenant = scope["extensions"][_TENANT]
    return tenant
