"""What the planted defects of creating and of reading handlers share: which request it is, and creates on their way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import CreatedOne, CreatedSeveral, DataSource
from immuta_mock.users import User
from planting import Reply, Seen, Wire, replace

Json = dict[str, Any]
Created = CreatedOne | CreatedSeveral
Create = Callable[[User, Connector, Json], Created]


def is_create(seen: Seen, *prefixes: str) -> bool:
    """Whether the request creates data sources, of one of these connectors if any are named."""
    parts = seen.path.split("/")
    return seen.method == "POST" and parts[2:] == ["handler"] and _one_of(parts[1], prefixes)


def reads_handler(seen: Seen, *prefixes: str) -> bool:
    """Whether the request reads a handler, of one of these connectors if any are named."""
    parts = seen.path.split("/")
    return seen.method == "GET" and parts[2:3] == ["handler"] and len(parts) == 4 and _one_of(parts[1], prefixes)


def reads_source(seen: Seen) -> bool:
    """Whether the request reads one data source, by id or by name."""
    return seen.method == "GET" and seen.path.startswith("/dataSource/")


def _one_of(prefix: str, prefixes: tuple[str, ...]) -> bool:
    return not prefixes or prefix in prefixes


def is_several(body: object) -> bool:
    """Whether a body has the several form."""
    return isinstance(body, dict) and isinstance(body.get("handler"), list)


def source_of(seen: Seen) -> Json:
    """The `dataSource` of a body; changes in it are sent on. An empty one stands for anything else."""
    found = seen.json.get("dataSource") if isinstance(seen.json, dict) else None
    return found if isinstance(found, dict) else {}


def elements_of(body: object) -> list[Json]:
    """The metadata of every element of a create body, in either form; changes in them are sent on."""
    handler = body.get("handler") if isinstance(body, dict) else None
    elements = handler if isinstance(handler, list) else [handler]
    found = [element.get("metadata") for element in elements if isinstance(element, dict)]
    return [metadata for metadata in found if isinstance(metadata, dict)]


def refused(status: int, message: str) -> Reply:
    """An error in the one shape that errors have."""
    phrases = {400: "Bad Request", 404: "Not Found", 422: "Unprocessable Entity", 500: "Internal Server Error"}
    return Reply(status, {"statusCode": status, "error": phrases[status], "message": message})


class Refusing(Wire):
    """Answers 400 to the creates, of the connectors named, that `refuses` picks."""

    prefixes: tuple[str, ...] = ()

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, *self.prefixes) and self.refuses(seen):
            return refused(400, "Bad request: the body is not as it should be.")
        return None

    def refuses(self, seen: Seen) -> bool:
        raise NotImplementedError


def creating(store: Store, rewrite: Callable[[Json], Json], *prefixes: str) -> None:
    """Let creates work on `rewrite(body)` in place of the body, which it must not change."""

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> Created:
            return create(user, connector, rewrite(body) if _one_of(connector.prefix, prefixes) else body)

        return defective

    replace(store, "create_data_sources", wrap)


def creating_metadata(store: Store, rewrite: Callable[[Json], Json], *prefixes: str) -> None:
    """Let creates keep `rewrite(metadata)` of each element in place of its metadata."""

    def rewrite_all(body: Json) -> Json:
        handler = body["handler"]
        if isinstance(handler, list):
            return {**body, "handler": [{"metadata": rewrite(each["metadata"])} for each in handler]}
        return {**body, "handler": {"metadata": rewrite(handler["metadata"])}}

    creating(store, rewrite_all, *prefixes)


def creating_source(store: Store, rewrite: Callable[[Json], Json], *prefixes: str) -> None:
    """Let creates keep `rewrite(dataSource)` in place of `dataSource`."""
    creating(store, lambda body: {**body, "dataSource": rewrite(body["dataSource"])}, *prefixes)


def after_creating(store: Store, amend: Callable[[list[DataSource]], None], *prefixes: str) -> None:
    """Let `amend` loose on the data sources that a create has just made, in their order."""

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> Created:
            before = set(store._state.data_sources)
            created = create(user, connector, body)
            if _one_of(connector.prefix, prefixes):
                amend([each for each in list(store._state.data_sources.values()) if each.id not in before])
            return created

        return defective

    replace(store, "create_data_sources", wrap)


def lowered(value: object) -> object:
    """A text in lower case; anything else as it is."""
    return value.lower() if isinstance(value, str) else value


def without(fields: Json, *names: str) -> Json:
    return {name: value for name, value in fields.items() if name not in names}


class Shared(dict[Any, int]):
    """An index by names or ids that two data sources may share: what is not there can be taken away."""

    def __delitem__(self, key: object) -> None:
        self.pop(key, None)


@dataclass(frozen=True)
class Claim:
    """A create that may ask for the name of a data source that is there."""

    source: DataSource
    user: User
    connector: Connector
    body: Json


def sharing_names(store: Store, may_share: Callable[[Claim], bool]) -> None:
    """Let a create give away the names of those data sources for which `may_share` says so."""
    state = store._state
    state.by_name = Shared(state.by_name)

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> Created:
            hidden = dict(_hidden(user, connector, body))
            for name in hidden:
                del state.by_name[name]
            try:
                return create(user, connector, body)
            finally:
                for name, identifier in hidden.items():
                    state.by_name.setdefault(name, identifier)

        return defective

    def _hidden(user: User, connector: Connector, body: Json) -> Iterator[tuple[str, int]]:
        for source in state.data_sources.values():
            if may_share(Claim(source, user, connector, body)):
                yield source.name, source.id

    replace(store, "create_data_sources", wrap)
