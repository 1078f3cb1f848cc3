"""Tenants that are the same for all mocks on a server; this process has those at hand that it was asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from immuta_mock.errors import BadRequest
from immuta_mock.injection.rules import FaultRules
from immuta_mock.journal.entries import Journal
from immuta_mock.sharing.journal import SharedJournal
from immuta_mock.sharing.rounds import Rounds
from immuta_mock.sharing.scripts import REMOVE, TENANTS
from immuta_mock.sharing.shared import Shared
from immuta_mock.sharing.space import Space
from immuta_mock.store import Store
from immuta_mock.tenants import DEFAULT, MOST_TENANTS, NoSuchTenant, Tenant, Tenants, checked_name


class SharedTenant(Tenant):
    """A tenant that others serve, too."""

    def __init__(self, shared: Shared, space: Space, store: Store, faults: FaultRules, journal: Journal) -> None:
        super().__init__(space.tenant, store, faults, journal, space)
        faults.keep_in(shared.space(space.tenant, "faults"))
        self._shared = shared
        self.space = space

    def steer(self) -> None:
        """All hear of it, this process too."""
        self._shared.steer(self.name)


class SharedTenants(Tenants):
    """The tenants on a server. `visit` comes before `find`, so that what is found is as others have left it."""

    def __init__(
        self,
        shared: Shared,
        store: Store | None = None,
        *,
        limit: int = MOST_TENANTS,
        faults: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._shared = shared
        self._rounds = Rounds(shared)
        self._anew = False
        shared.limit = limit
        super().__init__(store, limit=limit, faults=faults)
        self.visit, self.place = self._visit, shared.server.shown
        shared.listen(self._gone, self._steered)

    async def _visit(self, name: str) -> None:
        await self._rounds.join(used=name if name != DEFAULT else None)

    def find(self, name: str) -> Tenant:
        """The tenant of this name, made if need be. Raises BadRequest for what is no name."""
        with self._lock:
            if self._anew:
                self.default, self._anew = self._made(DEFAULT), False
            if name == DEFAULT:
                return self.default
            tenant = self._others.get(name)
            if tenant is None:
                self._others[name] = tenant = self._made(checked_name(name))
            return tenant

    def names(self) -> tuple[str, ...]:
        """The default tenant first, then the others, the least recently used first."""
        return (DEFAULT, *(name.decode() for name in self._shared.ask(TENANTS)))

    def remove(self, name: str) -> None:
        """Forget a tenant; a later request to it makes a new one. Raises NoSuchTenant, BadRequest."""
        if name == DEFAULT:
            raise BadRequest("the default tenant stays; reset it instead")
        if not self._shared.change(REMOVE, name):
            raise NoSuchTenant(name)
        self._shared.look()

    def _tenant(self, name: str, store: Store) -> Tenant:
        journal = SharedJournal(self._shared, self._rounds, name, lambda: self.operations)
        return SharedTenant(self._shared, self._shared.space(name, "state"), store, FaultRules(self._faults), journal)

    def _gone(self, name: str | None, number: int) -> None:
        """A tenant is gone, or all are to be found anew."""
        if name is None:
            self._others.clear()
            self._anew = True
            return
        tenant = self._others.get(name)
        if isinstance(tenant, SharedTenant) and tenant.space.version < number:
            tenant.space.gone = True
            del self._others[name]

    def _steered(self, name: str) -> None:
        tenant = self.default if name == DEFAULT else self._others.get(name)
        if tenant is not None:
            tenant.steered += 1
