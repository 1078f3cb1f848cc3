"""Request bodies in which the states of fields meet: rows that hold every pair of states, and random rows besides.

Triples are left to chance: 87 rows hold a given triple of three states each with 96 %.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import getitem
from random import Random
from typing import Any

from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.mistakes import FULL_COLUMN, FULL_EVOLUTION, FULL_METADATA, FULL_SETTINGS, Path, tempting
from immuta_contracts.spec import Operation
from immuta_contracts.strategies import LONG, ODD_TEXTS, PASSWORD

PRIMES = (2, 3, 5, 7, 11)  # numbers of states that rows of pairs can be made for
State = tuple[object, ...]


@dataclass(frozen=True)
class Factor:
    """A field of a body: `states` are groups of values that are alike, the first of them an ordinary one."""

    path: Path
    states: tuple[State, ...]


Row = dict[Path, object]

TEXT: tuple[State, ...] = (("text", "public"), (ABSENT,), ("",))
BOOLEAN: tuple[State, ...] = ((True,), (ABSENT,), (False,))
METADATA: dict[str, tuple[State, ...]] = {
    **{name: TEXT for name, value in FULL_METADATA.items() if isinstance(value, str)},
    "password": ((PASSWORD,), (ABSENT,), ("",)),
    "port": ((443, 5439, 1433), (ABSENT,), (1, 65535)),
    "ssl": ((True, False), (ABSENT,), ("true", "false")),
    "authenticationMethod": (("userPassword", "Access Token"), (ABSENT,), ("keyPair", "oAuthClientCredentials")),
    "query": ((None,), (ABSENT,), ("select 1",)),
    "eventTime": (("kind",), (ABSENT,), (None,)),
    "userFiles": ((FULL_METADATA["userFiles"],), (ABSENT,), ([],)),
    "secureNativeView": BOOLEAN,
    "staleDataTolerance": ((86400, 3600), (ABSENT,), (0,)),
    "columns": (([FULL_COLUMN],), (ABSENT,), ([],)),
}
SETTINGS: dict[str, tuple[State, ...]] = {
    **dict.fromkeys(("organization", "category", "description"), TEXT),
    **dict.fromkeys(("private", "hasExamples", "columnEvolutionEnabled"), BOOLEAN),
    "recordFormat": (("json",), ("",)),
    "type": (("queryable",), ("ingested",)),
    "blobHandler": (({"scheme": "https", "url": ""},), ({"scheme": "https"},), ([{"scheme": "https", "url": ""}],)),
    "schemaEvolutionId": ((7,), (ABSENT,), (None,)),
    **{role: ((FULL_SETTINGS[role],), (ABSENT,), ({},)) for role in ("owner", "expert", "ingest")},
}
TOP: dict[str, tuple[State, ...]] = {
    "schemaEvolution": ((FULL_EVOLUTION,), (ABSENT,), ({"disabled": True}, {})),
    "policyRules": (([{}],), (ABSENT,), ([],)),
}
COLUMN: dict[str, tuple[State, ...]] = {
    **dict.fromkeys(("dataType", "remoteType"), (("text", "integer"), ("",))),
    **dict.fromkeys(("description", "remoteColumn"), TEXT),
    **dict.fromkeys(("nullable", "isPrimaryKey"), BOOLEAN),
    "tags": ((FULL_COLUMN["tags"],), (ABSENT,), ([], [{"name": "without source"}])),
}
REQUIRED: dict[str, tuple[Path, ...]] = {
    "create{}DataSource": (
        *(("handler", "metadata", name) for name in ("hostname", "database", "table")),
        *(("dataSource", name) for name in ("name", "sqlTableName", "blobHandlerType")),
    ),
    "update{}Handler": tuple(("handler", "metadata", name) for name in ("hostname", "database", "table")),
    "createDictionary": (("metadata", 0, "name"), ("metadata", 1, "name")),
    "updateDictionary": (("metadata", 0, "name"), ("metadata", 1, "name")),
}
"""Places that an ordinary body of each kind fills, and that only a mistake empties or changes."""
ODD_VALUES: tuple[str | int, ...] = (*ODD_TEXTS, -1, 2**31, 2**53 + 1, 2**64)
"""What careless servers trip over, although it is nothing but a text or a number."""
NOT_FREE = ("type", "scheme", "content", "connectionString", "port")  # fields that do not take every text or number
OWN = ("name", "dataSourceName", "hostname")  # fields whose value must stay the run's own


def factors(operation: Operation) -> list[Factor]:
    """The optional fields of a body of the operation, with their valid states."""
    name = kind(operation)
    if name in ("createDictionary", "updateDictionary"):
        return [Factor(("metadata", index, field), states) for index in (0, 1) for field, states in COLUMN.items()]
    found = [Factor(("handler", "metadata", field), states) for field, states in METADATA.items()]
    if name == "create{}DataSource":
        found += [Factor(("dataSource", field), states) for field, states in SETTINGS.items()]
    if name != "bulkUpdate{}DataSources":
        found += [Factor((field,), states) for field, states in TOP.items()]
    return found


def mistaken(operation: Operation, body: object) -> list[Factor]:
    """All fields of a body of the operation: ordinary, left out, null, or with a value that is none."""
    found = [Factor(each.path, _mistaken(each.states[0])) for each in factors(operation)]
    ordinary = ((path, _at(body, path)) for path in REQUIRED.get(kind(operation), ()))
    return found + [Factor(path, _mistaken((value,))) for path, value in ordinary]


def _mistaken(ordinary: State) -> tuple[State, ...]:
    return ordinary, (ABSENT,), (None,), *((value,) for value in tempting(ordinary[0]))


def _at(body: Any, path: Path) -> object:
    return reduce(getitem, path, body)


def pair_rows(found: Sequence[Factor], random: Random) -> Iterator[Row]:
    """Rows in which any two states of any two fields meet; the values of a state are drawn."""
    widest = max(len(factor.states) for factor in found)
    columns = random.sample(range(len(found)), len(found))
    for row in _pairs(next(prime for prime in PRIMES if prime >= widest), len(found)):
        yield {
            factor.path: random.choice(factor.states[row[column] % len(factor.states)])
            for factor, column in zip(found, columns, strict=True)
        }


def random_rows(found: Sequence[Factor], random: Random, count: int) -> Iterator[Row]:
    for _ in range(count):
        yield {factor.path: random.choice(random.choice(factor.states)) for factor in found}


def _pairs(states: int, width: int) -> Iterator[list[int]]:
    """Rows of `width` numbers below `states`, a prime, in which any two numbers meet in any two columns.

    Two lines over a prime field meet in one point: `states + 1` columns take `states` squared rows. Wider rows are made
    level by level, from the digits of the column: two columns differ in the digit of some level.
    """
    reach = 1
    while reach < width:
        digits = [column // reach % (states + 1) for column in range(width)]
        for slope, start in product(range(states), repeat=2):
            yield [(slope * digit + start) % states if digit < states else slope for digit in digits]
        reach *= states + 1


def filled(body: object, row: Row) -> Any:
    """A copy of the body with the values of the row in their places."""
    copy: Any = deepcopy(body)
    for (*way, name), value in row.items():
        place = reduce(getitem, way, copy)
        if value is not ABSENT:
            place[name] = value
        elif name in place:
            del place[name]
    return copy


def odd_row(body: object, value: str | int) -> Row:
    """The value in every field of a body that takes any text, or any number; a name or host gets it at its end."""
    row: Row = {}
    for path, leaf in _leaves(body):
        field = next(step for step in reversed(path) if isinstance(step, str))
        if type(leaf) is type(value) and field not in NOT_FREE and not (value is LONG and field in OWN):
            row[path] = f"{leaf} {value}" if field in OWN else value
    return row


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every place inside a body that holds no object and no list."""
    if not isinstance(value, dict | list):
        yield path, value
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(item, (*path, key))
