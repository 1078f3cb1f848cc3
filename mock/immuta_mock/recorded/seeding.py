"""Builds a seed document from an archive, and says what of the archive does not become part of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from immuta_mock.checks import compile_checks
from immuta_mock.control.document import control_document
from immuta_mock.recorded.exchanges import Exchange, read_archive
from immuta_mock.recorded.observing import observe
from immuta_mock.recorded.sources import Entry, Sources
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.skeleton import check_valid
from immuta_mock.spec import load_spec
from immuta_mock.store.seed import VERSION

DISTINCT = ("id", "handlerId", "name")


def seed_of(path: str | Path, overlays: Sequence[str | Path] = ()) -> tuple[dict[str, Any], list[str]]:
    """The seed document of an archive, and a line for each thing that is left out. Raises SpecError.

    Users stay those of the mock: who called is not in an archive without secrets. Exchanges that are off the document
    are passed over, for the mock could not answer as they do.
    """
    document = load_spec(overlays)
    check_valid(document)
    exchanges = read_archive(path, tuple(compile_checks(document).values()))
    sources = Sources()
    for exchange in exchanges:
        if exchange.fits:
            observe(sources, exchange)
    entries, left_out = _complete(sources)
    return {"version": VERSION, "dataSources": entries}, [*_passed_over(exchanges), *left_out]


def _passed_over(exchanges: Iterable[Exchange]) -> Iterator[str]:
    for name, count in sorted(Counter(each.operation_id for each in exchanges if not each.fits).items()):
        yield f"{name}: {count} exchange{'s' * (count > 1)} off the document or not recorded whole, passed over"


def _complete(sources: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """The entries that a mock can be seeded with, and why the others are left out; of two alike the older one is."""
    check = SchemaCheck(control_document(), {"$ref": "#/components/schemas/SeedDataSource"})
    taken: dict[tuple[str, Any], Entry] = {}
    entries, left_out = [], []
    for entry in reversed(list(sources)):
        reason = _reason(entry, check, taken)
        if reason is not None:
            left_out.append(f"{_called(entry)} is left out: {reason}")
            continue
        entries.append(entry)
        taken |= {(field, entry[field]): entry for field in DISTINCT if field in entry}
    return entries[::-1], left_out[::-1]


def _reason(entry: Entry, check: SchemaCheck, taken: dict[tuple[str, Any], Entry]) -> str | None:
    if "metadata" not in entry:
        return "its handler was not read"
    if not check.is_valid(entry):
        return check.reasons(entry)[0]
    for field in DISTINCT:
        if (field, entry.get(field)) in taken:
            return f"{_called(taken[field, entry[field]])} has the same {field}"
    return None


def _called(entry: Entry) -> str:
    words = [str(entry[field]) if field == "id" else repr(entry[field]) for field in ("id", "name") if field in entry]
    return f"data source {' '.join(words)}"
