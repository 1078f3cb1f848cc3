"""The store of one tenant: what a public method does, it does in one atomic step under one lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from immuta_mock.connectors import Connector
from immuta_mock.store import creation, data_sources, dictionaries, handlers, jobs, listing, lookup, tokens
from immuta_mock.store.base import Steered
from immuta_mock.store.records import (
    BulkUpdate,
    CreatedOne,
    CreatedSeveral,
    DataSource,
    DataSourceQuery,
    Deletion,
    Dictionary,
    Job,
    Json,
    Page,
    Token,
)
from immuta_mock.users import User

SHORTEST_PAUSE = 0.001
"""Seconds between two looks at jobs that are about to complete."""


class Store(Steered):
    """One tenant.

    Bodies are taken as valid by the OpenAPI document; a method raises a Refusal of `immuta_mock.errors` for what is
    not allowed now, and has then changed nothing.
    """

    # Logging in

    def user_for(self, credential: str) -> User | None:
        """The user of an API key or of a live token."""
        return self._step(lambda now: tokens.user_for(self._state, credential, now))

    def issue_token(self, api_key: str) -> Token:
        """A new token for an API key; raises Unauthenticated for an unknown one."""
        return self._step(lambda now: tokens.issue(self._state, api_key, now, now + self._token_lifetime))

    # Handlers

    def create_data_sources(self, user: User, connector: Connector, body: Json) -> CreatedOne | CreatedSeveral:
        """Create what a body of the single or the several form asks for: all of it or nothing.

        Raises RoleMissing, DuplicateColumns, NameTaken, DuplicateTables.
        """
        return self._step(lambda now: creation.create(self._state, user, connector, body, now, self._end(now)))

    def get_handler(self, connector: Connector, handler_id: int) -> DataSource:
        """The data source of a handler; raises HandlerNotFound."""
        return self._step(lambda _: lookup.by_handler(self._state, connector, handler_id))

    def update_handler(self, user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
        """Replace the metadata of a handler; raises HandlerNotFound, RoleMissing, DuplicateColumns, NameTaken."""
        return self._step(lambda now: handlers.update(self._state, user, connector, handler_id, body, now))

    def bulk_update(self, user: User, connector: Connector, body: Json) -> BulkUpdate:
        """Merge metadata into the data sources a body selects: all of them or none, at the end of what may take long.

        Raises DataSourceNotFound (for an id), RoleMissing, DuplicateColumns, NameTaken.
        """

        def finish(now: datetime) -> BulkUpdate:
            return handlers.bulk_update(self._state, user, connector, body, merge, now, self._end(now))

        merge, sources = self._step(lambda now: handlers.begin_bulk_update(self._state, user, connector, body, now))
        merge.make(self._state, sources)
        return self._step(finish)

    def trigger_high_cardinality(self, user: User, connector: Connector, handler_id: int) -> Job:
        """Start the job that computes the high cardinality column; raises HandlerNotFound, RoleMissing."""
        return self._step(
            lambda now: jobs.trigger_high_cardinality(self._state, user, connector, handler_id, self._end(now))
        )

    def refresh_native_view(self, user: User, connector: Connector, handler_id: int) -> Job:
        """Start the job that refreshes the native view; raises HandlerNotFound, RoleMissing."""
        return self._step(
            lambda now: jobs.refresh_native_view(self._state, user, connector, handler_id, self._end(now))
        )

    # Dictionaries

    def create_dictionary(self, user: User, data_source_id: int, columns: Sequence[Json]) -> Dictionary:
        """Give a data source its dictionary.

        Raises DataSourceNotFound, DictionaryRoleMissing, DictionaryExists, DuplicateColumns.
        """
        return self._step(lambda now: dictionaries.create(self._state, user, data_source_id, columns, now))

    def update_dictionary(self, user: User, data_source_id: int, columns: Sequence[Json]) -> Dictionary:
        """Replace the column list of a dictionary.

        Raises DataSourceNotFound, DictionaryNotFound, DictionaryRoleMissing, DuplicateColumns.
        """
        return self._step(lambda now: dictionaries.update(self._state, user, data_source_id, columns, now))

    def get_dictionary(self, data_source_id: int) -> Dictionary:
        """The dictionary of a data source; raises DataSourceNotFound, DictionaryNotFound."""
        return self._step(lambda _: dictionaries.get(self._state, data_source_id))

    def delete_dictionary(self, user: User, data_source_id: int) -> None:
        """Take a dictionary away; raises DataSourceNotFound, DictionaryNotFound, DictionaryRoleMissing."""
        self._step(lambda _: dictionaries.delete(self._state, user, data_source_id))

    def search_columns(self, text: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` distinct column names that contain the text in any letter case, sorted."""
        return self._step(lambda _: dictionaries.search(self._state, text, limit))

    # Data sources

    def list_data_sources(self, query: DataSourceQuery) -> Page:
        """One page of the data sources a query selects, sorted by id."""
        return self._step(lambda _: listing.search(self._state, query))

    def get_data_source(self, data_source_id: int) -> DataSource:
        """A data source, disabled or not; raises DataSourceNotFound."""
        return self._step(lambda _: lookup.data_source(self._state, data_source_id))

    def get_data_source_by_name(self, name: str) -> DataSource:
        """The data source of exactly this name; raises DataSourceNotFound."""
        return self._step(lambda _: lookup.data_source_by_name(self._state, name))

    def update_data_source(self, user: User, data_source_id: int, changes: Json) -> DataSource:
        """Change the fields given; `deleted: false` restores. Raises DataSourceNotFound, RoleMissing, NameTaken."""
        return self._step(lambda now: data_sources.update(self._state, user, data_source_id, changes, now))

    def delete_data_source(self, user: User, data_source_id: int) -> Deletion:
        """Disable a data source, or remove a disabled one; raises DataSourceNotFound, RoleMissing."""
        return self._step(lambda _: data_sources.delete(self._state, user, data_source_id))

    # Jobs

    def job_statuses(self, ids: Iterable[str], *, wait: float = 0, poll_interval: float = 1) -> dict[str, Job]:
        """The known ones of these jobs, after waiting up to `wait` seconds (-1: as long as they need) for their end.

        Waiting blocks the caller and nobody else; it looks every `poll_interval` seconds and when a job should end.
        """
        wanted = tuple(ids)
        found, needed = self._look_at_jobs(wanted)
        left = needed + poll_interval if wait < 0 else min(wait, needed + poll_interval)
        while needed > 0 and left > 0:
            pause = max(min(poll_interval, needed, left), SHORTEST_PAUSE)
            self._sleep(pause)
            left -= pause
            self.catch_up()
            found, needed = self._look_at_jobs(wanted)
        return found

    def _look_at_jobs(self, ids: tuple[str, ...]) -> tuple[dict[str, Job], float]:
        """The known jobs, and the seconds until all of them are completed."""

        def look(now: datetime) -> tuple[dict[str, Job], float]:
            found = jobs.statuses(self._state, ids)
            return found, jobs.time_needed(found.values(), now).total_seconds()

        return self._step(look)

    def jobs_of_bulk(self, bulk_id: str) -> tuple[Job, ...]:
        """The jobs of a bulk id (an integer one in decimal digits); none for an unknown one."""
        return self._step(lambda _: jobs.of_bulk(self._state, bulk_id))

    def pending_jobs(self, connection_string: str) -> int:
        """How many jobs are running on data sources of this connection string."""
        return self._step(lambda _: jobs.pending(self._state, connection_string))
