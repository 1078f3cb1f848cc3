"""A state file while it is in use: each write is one transaction."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Self

from immuta_mock.errors import NotKept
from immuta_mock.statefile.opening import checksum, opened
from immuta_mock.store.keeping import CannotKeep, Keeper, Record

PUT = """
INSERT INTO record (tenant, kind, key, text, checksum) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (tenant, kind, key) DO UPDATE SET text = excluded.text, checksum = excluded.checksum
"""

logger = logging.getLogger(__name__)


class StateFile:
    """Keeps the states of all tenants, for this process alone. Raises CannotKeep; close it when done."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._lock = Lock()
        try:
            self._connection = opened(Path(path))
        except CannotKeep as error:
            raise CannotKeep(f"state file {path}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tenants(self) -> tuple[str, ...]:
        """Those of which there is a state, the oldest first."""
        with self._lock:
            found = self._connection.execute("SELECT tenant FROM record GROUP BY tenant ORDER BY min(number)")
            return tuple(tenant for (tenant,) in found)

    def of(self, tenant: str) -> "TenantRecords":
        """The keeper of one tenant."""
        return TenantRecords(self, tenant)

    def read(self, tenant: str) -> list[Record]:
        """The records of one tenant, in the order in which they first came."""
        with self._lock:
            query = "SELECT kind, key, text FROM record WHERE tenant = ? ORDER BY number"
            return [Record(*row) for row in self._connection.execute(query, (tenant,))]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside, or nothing of it and NotKept is raised."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                logger.error("state file %s cannot be written: %s", self._path, error)
                raise NotKept(str(error)) from None

    def close(self) -> None:
        """Bring the log home and let others have the file."""
        with self._lock:
            self._connection.close()


class TenantRecords(Keeper):
    """The records of one tenant in a state file; a `Keeper`."""

    def __init__(self, file: StateFile, tenant: str) -> None:
        self._file = file
        self._tenant = tenant
        self._gone = False

    def read(self) -> Sequence[Record]:
        """All records, in the order in which they first came."""
        return self._file.read(self._tenant)

    def write(self, records: Iterable[Record], *, dropping: Iterable[str] = ()) -> None:
        """Write records, and drop those of whole kinds before that."""
        tenant = self._tenant
        with self._file.transaction() as connection:
            if self._gone:  # a request that was under way when its tenant went
                return
            for kind in dropping:
                connection.execute("DELETE FROM record WHERE tenant = ? AND kind = ?", (tenant, kind))
            for record in records:
                if record.text is None:
                    where = (tenant, record.kind, record.key)
                    connection.execute("DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?", where)
                else:
                    whole = (tenant, record.kind, record.key, record.text)
                    connection.execute(PUT, (*whole, checksum(*whole)))

    def forget(self) -> None:
        """Drop all records, and whatever is still written."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM record WHERE tenant = ?", (self._tenant,))
        self._gone = True
