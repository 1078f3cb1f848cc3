"""What one example of a property works with: a tenant, one subject, drawn data, and ways to prepare and to assert.

Preparation and assertion are kept apart: `prepared`, `make` and the readers raise `Unprepared` when the target does not
do what the example needs first, and only `expect` and its kin say that the promise is broken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from random import Random
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st

from immuta_contracts import strategies, waiting
from immuta_contracts.client import Client
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.exchange import Answer, shown
from immuta_contracts.expectations import Expectations
from immuta_contracts.made import Made
from immuta_contracts.pins import needs_own, needs_tables, pinned
from immuta_contracts.profiles import DEFAULT, Profile
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.target import NotTried, OutOfReach

T = TypeVar("T")
PASSWORD_LENGTH = 8  # a shorter one may be part of anything
DEMANDED = {  # with the meaning that leaving the field out has
    "private": True,
    "organization": "",
    "blobHandler": {"scheme": "https", "url": ""},
    "sqlTableName": "taken_from_each_element",
}
Json = dict[str, Any]


class Unprepared(Exception):
    """The example could not be set up, so nothing is said about its promise."""


class World(Expectations):
    """One example."""

    def __init__(
        self,
        client: Client,
        routes: Routes,
        profile: Profile,
        subject: Connector | Operation | None,
        data: st.DataObject,
        seed: int,
        number: Callable[[], int],
        promise: str | None,
        patience: waiting.Patience,
    ) -> None:
        super().__init__(client, routes, promise)
        self.profile, self.subject = profile, subject
        self.notes: list[str] = []
        self._attempts, self._left_out = 0, list[str]()
        self._data, self._seed, self._number = data, seed, number
        self._patience = patience

    # The subject and drawn data

    @property
    def connector(self) -> Connector:
        """The connector under test; for an operation of one connector, that connector."""
        found = self.subject.connector if isinstance(self.subject, Operation) else self.subject
        return found or self.connectors[0]

    @property
    def connectors(self) -> tuple[Connector, ...]:
        """The connectors in scope; the first is the one of whatever is about none in particular."""
        return tuple(each for each in C5 if self.client.settings.in_scope(each.prefix))

    @property
    def operations(self) -> list[Operation]:
        """The operations of the connectors in scope and of none."""
        return [each for each in self.routes.operations if each.connector in (None, *self.connectors)]

    @property
    def others(self) -> list[Connector]:
        """The connectors in scope beside the one under test."""
        return [each for each in self.connectors if each != self.connector]

    @property
    def operation(self) -> Operation:
        assert isinstance(self.subject, Operation)
        return self.subject

    def draw(self, strategy: st.SearchStrategy[T]) -> T:
        return self._data.draw(strategy)

    def random(self) -> Random:
        """Chance that follows from the run and the subject: for series too long to be drawn one by one."""
        return Random(f"{self._seed}/{self._promise}/{self.subject}/{self.draw(st.integers(0, 2**32))}")

    def fresh_name(self) -> str:
        """A data source name that nothing else bears, with drawn characters behind the run's own prefix."""
        return f"{self.client.fence.prefix}{self._number()} {self.draw(strategies.labels())}".rstrip()

    def spare_name(self) -> str:
        """A name of the run where a name is sent that no data source is to bear."""
        return f"{self.client.fence.prefix}spare"

    @property
    def among_own(self) -> Json:
        """Query of the list that leaves out what is not the run's, where a pinned connection is shared with others."""
        shared = any(self.client.settings.connection(each.prefix).metadata for each in self.connectors)
        return {"searchText": self.client.fence.prefix, "nameOnly": "true"} if shared else {}

    @property
    def passwords(self) -> list[str]:
        """The connection passwords that no answer may hold, as far as they are not part of anything."""
        pinned = [self.client.settings.connection(each.prefix).metadata.get("password", "") for each in self.connectors]
        return [each for each in (strategies.PASSWORD, *pinned) if len(each) >= PASSWORD_LENGTH]

    @property
    def password(self) -> str:
        """The connection password that the data sources of this example have. Raises `OutOfReach`."""
        connection = self.client.settings.connection(self.connector.prefix)
        if not connection.fixes("password"):
            return strategies.PASSWORD
        if (password := connection.metadata.get("password", "")) in self.passwords:
            return password
        raise OutOfReach(needs_own(self.connector.prefix, "a password that it can look for", "password"))

    def fresh_host(self) -> str:
        """A host name that no other data source uses, so that its connection string is this example's own.

        Raises `OutOfReach` where the target file pins the connection.
        """
        prefix = self.connector.prefix
        if self.client.settings.connection(prefix).fixes("hostname"):
            raise OutOfReach(needs_own(prefix, "a host of its own", "hostname"))
        return self.unused_host()

    def unused_host(self) -> str:
        """A host name that no data source uses, to look for and not to be connected to."""
        return f"h{self._number()}{self.client.fence.marker}"

    def fresh_token(self) -> str:
        """A text in lower case that no name contains but those this example makes with it."""
        return self.unused_host().removesuffix(".example").replace(".contract-", "contract") + "z"

    def note(self, text: str) -> None:
        """Say what part of the promise could not be tried on this target."""
        self.notes.append(text)

    @contextmanager
    def attempt(self, *, apart: bool = True) -> Iterator[None]:
        """One of many tries; if it stands apart, what it sent is part of a reproduction only if it breaks the promise.

        A try that the fence or the target file does not allow is left out, with a note; see `settle`.
        """
        start = len(self.client.journal)
        self._attempts += 1
        try:
            yield
        except OutOfReach as reason:
            self._left_out.append(str(reason))
        if apart:
            del self.client.journal[start:]

    def settle(self) -> None:
        """At the end of the example: raises `OutOfReach` when every try of it had to be left out."""
        if self._left_out and len(self._left_out) == self._attempts:
            raise OutOfReach(self._left_out[-1])
        self.notes += dict.fromkeys(f"left out in part: {reason}" for reason in self._left_out)

    def sample(self, cases: Iterable[T]) -> Iterator[T]:
        """The cases of an enumeration that the profile has time for: all of them, in a quick run every few."""
        return islice(cases, 0, None, max(1, DEFAULT.examples // self.profile.examples))

    # Bodies

    @property
    def is_pinned(self) -> bool:
        """Whether the target file pins the connection of the connector under test."""
        return bool(self.client.settings.connection(self.connector.prefix).metadata)

    def at(self, metadata: Json, connector: Connector | None = None, *, nth: int = 0) -> Json:
        """The metadata at a host of their own, or at the pinned connection (as the nth of several in a body)."""
        connection = self.client.settings.connection((connector or self.connector).prefix)
        return pinned(connection, {**metadata, "hostname": self.unused_host()}, nth=nth)

    def shared_host(self) -> Json:
        """What makes several metadata one connection of their own: a host, or nothing where it is pinned anyway."""
        fixed = self.client.settings.connection(self.connector.prefix).fixes("hostname")
        return {} if fixed else {"hostname": self.unused_host()}

    def unless_pinned(self, connector: Connector | None = None, /, **fields: Any) -> Json:
        """Metadata fields that the example can do without: those that the target file leaves to the run."""
        connection = self.client.settings.connection((connector or self.connector).prefix)
        return {name: value for name, value in fields.items() if connection.leaves(name)}

    def tables(self, count: int, connector: Connector | None = None) -> list[str]:
        """Names of so many remote tables, as the target file allows them. Raises `OutOfReach`."""
        prefix = (connector or self.connector).prefix
        allowed = self.client.settings.connection(prefix).tables
        if allowed and len(allowed) < count:
            raise OutOfReach(needs_tables(prefix, count))
        return list(allowed[:count]) or [f"t{index}_{self._number()}" for index in range(count)]

    def metadata(self, connector: Connector | None = None, /, **given: Any) -> Json:
        """Handler metadata with a host of its own, drawn optional fields and the given ones; `...` drops a field."""
        drawn = self.draw(strategies.metadata(self.connector))
        merged = {**self.at(drawn, connector), **given}
        return {name: value for name, value in merged.items() if value is not ...}

    def single_body(self, *, metadata: Json | None = None, connector: Connector | None = None, **given: Any) -> Json:
        """A create body of the single form; `given` sets fields of `dataSource`, `...` drops one."""
        source = {
            **self._demanded("SingleDataSource"),
            "blobHandler": {"scheme": "https", "url": ""},
            "blobHandlerType": (connector or self.connector).blob_handler_type,
            "recordFormat": "",
            "type": "queryable",
            "name": self.fresh_name() if "name" not in given else given["name"],
            "sqlTableName": self.draw(strategies.identifiers()),
            **given,
        }
        source = {name: value for name, value in source.items() if value is not ...}
        metadata = metadata if metadata is not None else self.metadata(connector)
        return {"handler": {"metadata": metadata}, "dataSource": source}

    def several_body(self, count: int, *, metadata: Sequence[Json] | None = None, **given: Any) -> Json:
        """A create body of the several form with `count` elements of one connection, each its own name and table.

        `given` sets fields of `dataSource`, `...` drops one.
        """
        shared = self.shared_host()
        elements = metadata or [
            self.metadata(**shared, table=table, dataSourceName=self.fresh_name()) for table in self.tables(count)
        ]
        source = {
            **self._demanded("SharedDataSource"),
            "blobHandlerType": self.connector.blob_handler_type,
            "recordFormat": "",
            "type": "queryable",
            **given,
        }
        source = {name: value for name, value in source.items() if value is not ...}
        return {"handler": [{"metadata": element} for element in elements], "dataSource": source}

    def _demanded(self, schema: str) -> Json:
        """What an overlay makes the document require of `dataSource` beyond what published calls send."""
        required = self.routes.required(schema)
        demanded = {**DEMANDED, "name": self.spare_name()}
        return {name: value for name, value in demanded.items() if name in required}

    # Calls; none of them asserts anything

    def call(self, method: str, path: str, json_body: object = ..., **options: Any) -> Answer:
        """One request, as the owner unless `role` says otherwise; see `Client.call`."""
        if json_body is not ...:
            options["json_body"] = json_body
        return self.client.call(method, path, **options)

    def post_handler(self, body: object, *, connector: Connector | None = None, **options: Any) -> Answer:
        return self.call("POST", f"/{(connector or self.connector).prefix}/handler", body, **options)

    def put_bulk(self, body: object, *, connector: Connector | None = None, **options: Any) -> Answer:
        return self.call("PUT", f"/{(connector or self.connector).prefix}/bulk", body, **options)

    # Preparation

    def prepared(self, answer: Answer, doing: str = "preparing") -> Any:
        """The JSON of an answer the example needs to be a success."""
        if answer.status != 200 or not answer.is_json:
            raise Unprepared(f"{doing} was answered {answer.status}: {shown(answer.text[:300])}")
        return answer.json

    def make(
        self,
        *,
        metadata: Json | None = None,
        connector: Connector | None = None,
        role: str = "owner",
        body: Json | None = None,
        **given: Any,
    ) -> Made:
        """Create one data source. Raises `Unprepared` when the target does not."""
        connector = connector or self.connector
        body = body if body is not None else self.single_body(metadata=metadata, connector=connector, **given)
        created = self.prepared(self.post_handler(body, connector=connector, role=role), "creating a data source")
        try:
            ids = int(created["id"]), int(created["dataSourceId"])
            name = body["dataSource"].get("name") or body["handler"][0]["metadata"]["dataSourceName"]
            return Made(connector, *ids, str(created["connectionString"]), name, body)
        except (KeyError, TypeError, ValueError) as error:
            raise Unprepared(f"creating a data source was answered {shown(created)}") from error

    def make_several(self, count: int, *, body: Json | None = None, **given: Any) -> list[Made]:
        """Create several data sources in one request and find them by name."""
        body = body if body is not None else self.several_body(count, **given)
        answer = self.post_handler(body)
        self.prepared(answer, "creating several data sources")
        self.wait_for_jobs(answer)
        return [self._found(element["metadata"], body) for element in body["handler"]]

    def _found(self, metadata: Json, body: Json) -> Made:
        source = self.source_named(metadata["dataSourceName"])
        try:
            handler_id = int(source["blobHandler"]["url"].rpartition("/")[2])
            element = {**body, "handler": {"metadata": metadata}}
            return Made(
                self.connector, handler_id, int(source["id"]), source["connectionString"], source["name"], element
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unprepared(f"reading a data source was answered {shown(source)}") from error

    @property
    def job_wait(self) -> int:
        """The seconds that one request may wait for jobs."""
        return self._patience.at_once

    def wait_for_jobs(self, started: Answer) -> None:
        """Let what a create of several or a bulk update started end, as far as the target tells of it.

        Raises `Unprepared` when that takes longer than the run waits.
        """
        ended = waiting.ended(self.client, started, self._patience)
        there = waiting.appeared(self.client, started, self._patience)
        if not ended:
            what = "jobs did not end" if there else "jobs did not end, and data sources did not appear,"
            raise Unprepared(f"{what} within {self._patience.longest:g} seconds")

    def handler(self, made: Made, **query: Any) -> Json:
        """The handler record as it is now."""
        return self._object(self.call("GET", made.handler_path, query=query), "reading the handler")

    def read_metadata(self, made: Made) -> Json:
        """The handler's metadata as it is now."""
        found = self.handler(made).get("metadata")
        if not isinstance(found, dict):
            raise Unprepared("the handler record read holds no metadata object")
        return found

    def source(self, made: Made) -> Json:
        """The data source object as it is now."""
        return self._object(self.call("GET", made.source_path), "reading the data source")

    def source_named(self, name: str) -> Json:
        return self._object(
            self.call("GET", "/dataSource/name/" + quote(name, safe="")), "reading the data source by name"
        )

    def dictionary(self, made: Made) -> Json:
        """The dictionary as it is now."""
        return self._object(self.call("GET", made.dictionary_path), "reading the dictionary")

    def profile_of(self, role: str) -> int:
        """The profile id of a role's user."""
        user = self._object(self.call("GET", "/bim/rpc/user/current", role=role), "reading the current user")
        try:
            return int(user["profile"]["id"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unprepared(f"the current user has no profile.id: {shown(user)}") from error

    def need(self, *roles: str) -> None:
        """Raises `NotTried` unless the target has a key for each of the roles."""
        for role in roles:
            self.client.key(role)

    def cannot(self, reason: str) -> NoReturn:
        """Give up on the promise: it cannot be tried on this target."""
        raise NotTried(reason)

    def _object(self, answer: Answer, doing: str) -> Json:
        found = self.prepared(answer, doing)
        if not isinstance(found, dict):
            raise Unprepared(f"{doing} was answered {shown(found)}, not an object")
        return found
