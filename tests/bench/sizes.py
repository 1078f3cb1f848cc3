"""Tenants of any size: the seed file of one, and what is asked of it."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, cycle
from pathlib import Path
from typing import Any

from load import KEY

COLUMNS, NEW_NAMES = 20, 10
"""Columns of a data source, and how many of their names no other brought along; these number ten for each."""
FIRST_HANDLER = 1001
NOUNS = """
account address amount balance category city code country created currency customer date discount email first flag group
invoice last level name order parent payment phone price product quantity rank region score shipping source status
target tax total type updated zip
"""
WORDS = NOUNS.split()
SHARED = {"hostname": "acme.example", "port": 443, "username": "loader", "schema": "crm"}

SEARCH = "/dictionary/columns?searchText="
TEXTS = (
    "ord",
    "cus",
    "ustomer",
    "_zip_",
    "name_ta",
    "123",
    "9_0",
    "12345",
    "_04711",
    "qux",
    "zzzz",
    "no%20such%20column",
)
SHORT_TEXTS = ("a", "z", "q", "9", "er", "_9", "qz", "zq")
"""Texts that many names contain, few, and none."""


@dataclass(frozen=True)
class Request:
    """One that a client sends."""

    method: str
    path: str
    body: Any = None

    def raw(self) -> bytes | None:
        return None if self.body is None else json.dumps(self.body).encode()


def write_seed(path: Path, number: int) -> None:
    """A seed file with so many data sources."""
    chance = random.Random(number)
    names = [f"{chance.choice(WORDS)}_{chance.choice(WORDS)}_{index:06}" for index in range(number * NEW_NAMES)]
    sources = [_source(index, names, chance) for index in range(number)]
    path.write_text(json.dumps({"dataSources": sources}), "utf-8")


def _source(index: int, names: list[str], chance: random.Random) -> dict[str, Any]:
    own = names[index * NEW_NAMES : (index + 1) * NEW_NAMES]
    others = [name for name in chance.sample(names, COLUMNS) if name not in own]
    return {
        "connector": "snowflake",
        "name": f"{chance.choice(WORDS)} {chance.choice(WORDS)} {index}".title(),
        "metadata": {**SHARED, "database": "SALES", "table": f"table_{index}"},
        "dataSource": {"description": f"The {chance.choice(WORDS)} of each {chance.choice(WORDS)}"},
        "dictionary": {"columns": [column(name) for name in (own + others)[:COLUMNS]]},
    }


def column(name: str) -> dict[str, Any]:
    """A column as clients send it."""
    return {"name": name, "dataType": "text", "remoteType": "varchar(255)", "nullable": True}


def requests_on(number: int) -> dict[str, Iterator[Request]]:
    """Endless requests of each kind on a tenant of this size, which they leave about as large."""
    chance = random.Random(7)
    handlers = (f"/snowflake/handler/{FIRST_HANDLER + chance.randrange(number)}" for _ in count())
    creates = (_create(chance) for _ in count())
    return {
        "get": (Request("GET", path) for path in handlers),
        "create": creates,
        "update": (Request("PUT", path, _update(chance)) for path in handlers),
        "dictionary": (Request("GET", f"/dictionary/{1 + chance.randrange(number)}") for _ in count()),
        "columns, 3 letters or more": (Request("GET", f"{SEARCH}{text}") for text in cycle(TEXTS)),
        "columns, 1 or 2 letters": (Request("GET", f"{SEARCH}{text}") for text in cycle(SHORT_TEXTS)),
        "columns, right after a create": _after(creates, (Request("GET", f"{SEARCH}{text}") for text in cycle(TEXTS))),
        "list with a text": (Request("GET", f"/dataSource?size=10&searchText={text}") for text in cycle(TEXTS)),
    }


def _after(writes: Iterator[Request], reads: Iterator[Request]) -> Iterator[Request]:
    return chain.from_iterable(zip(writes, reads, strict=True))


def _update(chance: random.Random) -> dict[str, Any]:
    return {"handler": {"metadata": {**SHARED, "database": "SALES", "table": f"t{chance.random()}"}}}


def _create(chance: random.Random) -> Request:
    columns = [column(f"new_{chance.choice(WORDS)}_{chance.randrange(10**12)}") for _ in range(COLUMNS)]
    metadata = {**SHARED, "database": "NEW", "table": "new", "columns": columns}
    source = {"blobHandler": {"scheme": "https", "url": ""}, "blobHandlerType": "Snowflake", "recordFormat": ""}
    source |= {"type": "queryable", "sqlTableName": "new", "name": f"New {chance.random()}"}
    return Request("POST", "/snowflake/handler", {"handler": {"metadata": metadata}, "dataSource": source})


def bulk(number: int, database: str) -> Request:
    """A bulk update of the first so many data sources."""
    body = {"ids": list(range(1, number + 1)), "handler": {"metadata": {"database": database}}}
    return Request("PUT", "/snowflake/bulk", body)


HEADERS = {"Authorization": KEY, "Content-Type": "application/json"}
