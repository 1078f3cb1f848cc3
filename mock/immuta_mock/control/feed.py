"""Tells what is new in the journal of a tenant, and that something else of it may have changed, as events."""

from collections.abc import Iterator

from immuta_mock.control.streaming import event
from immuta_mock.errors import Refusal
from immuta_mock.journal.redaction import Redaction
from immuta_mock.journal.view import selected, shown
from immuta_mock.tenants import Tenant, Tenants

MOST_AT_ONCE = 200


class JournalFeed:
    """What one client has not been told yet; it knows all up to the event `last_id`, if that is of this journal.

    The id of an event is the period of the journal and the number of the entry.
    """

    def __init__(self, tenants: Tenants, tenant: Tenant, last_id: str) -> None:
        self._tenants = tenants
        self._tenant = tenant
        self._period, _, number = last_id.partition("-")
        self._told = int(number) if number.isascii() and number.isdigit() and len(number) < 20 else 0
        self._most: int | None = None  # all that is there at first
        self._circumstances = self._found_circumstances()

    def is_over(self) -> bool:
        """Whether the tenant is gone."""
        return not self._tenants.holds(self._tenant)

    async def is_ready(self) -> bool:
        """Whether what others have written is known."""
        if self._tenants.visit is not None:
            try:
                await self._tenants.visit(self._tenant.name)
            except Refusal:
                return False
        return True

    def news(self) -> Iterator[bytes]:
        """The events since it was last asked."""
        journal = self._tenant.journal
        if journal.period != self._period:
            self._period, self._told = journal.period, 0
            yield event("begin", {})
        if journal.latest > self._told:
            yield from self._entries()
        if (found := self._found_circumstances()) != self._circumstances:
            self._circumstances = found
            yield event("changed", {})

    def _entries(self) -> Iterator[bytes]:
        journal, redaction = self._tenant.journal, Redaction(self._tenant.store.secrets())
        entries = selected(journal.entries(), {"after": self._told, "limit": self._most})
        self._most = MOST_AT_ONCE
        self._told = entries[-1].number if entries else journal.latest
        for entry in entries:
            yield event("entry", shown(entry, redaction), f"{self._period}-{entry.number}")

    def _found_circumstances(self) -> object:
        """What differs when something has changed that no request of a client is the cause of."""
        return self._tenants.names(), self._tenant.steered, self._tenant.store.count_running_jobs()
