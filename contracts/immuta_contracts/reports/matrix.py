"""The tables of the page: promises by family and connector, coverage by operation and status."""

import math
from collections import Counter
from dataclasses import dataclass

from immuta_contracts.connectors import C5
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import Standing, standing

GENERAL = None  # the column of what is about no connector
WARMEST = 4


@dataclass(frozen=True)
class Row:
    """A promise and how it stands on each connector; None where it does not apply."""

    promise: Document
    cells: tuple[Standing | None, ...]


@dataclass(frozen=True)
class Family:
    """The promises of one family; `cells` count, for each connector, how many stand how."""

    name: str
    rows: tuple[Row, ...]
    cells: tuple[Counter[Standing], ...]


@dataclass(frozen=True)
class Covered:
    """An operation: for each status how often it was seen, and whether it is documented."""

    name: str
    seen: Document
    cells: tuple[tuple[int, bool], ...]


def connectors(whole: Document) -> list[str | None]:
    """The columns: the connectors that anything is about, and what is about none."""
    about = {each["connector"] for promise in whole["promises"] for each in promise["tried"] + promise["failures"]}
    return [connector.prefix for connector in C5 if connector.prefix in about] + [GENERAL]


def families(whole: Document) -> list[Family]:
    """The promises by family, in the order of the list."""
    columns = connectors(whole)
    rows: dict[str, list[Row]] = {}
    for promise in whole["promises"]:
        cells = tuple(_cell(promise, connector) for connector in columns)
        rows.setdefault(promise["family"], []).append(Row(promise, cells))
    return [
        Family(
            name,
            tuple(own),
            tuple(Counter(filter(None, (row.cells[n] for row in own))) for n in range(len(columns))),
        )
        for name, own in rows.items()
    ]


def _cell(promise: Document, connector: str | None) -> Standing | None:
    verdicts = {tried["verdict"] for tried in promise["tried"] if tried["connector"] == connector}
    if any(failure["connector"] == connector for failure in promise["failures"]):
        return standing(promise)
    if not verdicts:
        return None
    return "not tried" if "not tried" in verdicts else "kept"


def statuses(whole: Document) -> list[int]:
    """Every status that was seen or is documented."""
    seen = {int(status) for each in whole["operations"].values() for status in each["statuses"]}
    return sorted(seen.union(*(each["documented_statuses"] for each in whole["operations"].values())))


def coverage(whole: Document) -> list[Covered]:
    """The operations, in the order of the document they were judged by."""
    columns = statuses(whole)
    return [
        Covered(
            name,
            seen,
            tuple((seen["statuses"].get(str(each), 0), each in seen["documented_statuses"]) for each in columns),
        )
        for name, seen in whole["operations"].items()
    ]


def heat(count: int) -> int:
    """How warm a cell is: 0 for nothing, one more for each factor of ten."""
    return min(WARMEST, 1 + int(math.log10(count))) if count else 0


def short(count: int) -> str:
    """A count in at most four characters."""
    return str(count) if count < 10_000 else f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
