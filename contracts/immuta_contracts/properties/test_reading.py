"""Conformance by reading alone: what others made, and the target file lets a run read, is answered as documented."""

from collections.abc import Mapping, Sequence
from typing import Any

from immuta_contracts.check import layer
from immuta_contracts.checks import expect_documented, expect_no_server_error, expect_works, family, kind
from immuta_contracts.spec import Operation
from immuta_contracts.world import World


def reads_one(operation: Operation) -> bool:
    """Reading one thing by an id that the target file can name."""
    return kind(operation) in ("get{}Handler", "getDataSource", "getDictionary")


@layer("conformance", on=reads_one, once=True)
def test_what_may_be_read_is_answered_as_documented(w: World) -> None:
    for identifier in _readable(w):
        path = w.operation.at(identifier)
        unknown = w.call("GET", path, role=None)
        w.expect(unknown.status == 401, "401 without a credential", str(unknown.status), promise="AUTH-1")
        answer = w.call("GET", path)
        expect_no_server_error(w, answer)
        expect_documented(w, w.operation, answer)
        if answer.status in (403, 404):
            w.note(f"{path}, which [read] names, is answered {answer.status}")
            continue
        expect_works(w, w.operation, answer)
        about = "dataSource" if kind(w.operation) == "getDictionary" else "id"
        w.expect_holds(answer.json, {about: identifier}, path, promise=family(w.operation).answer)


def _readable(w: World) -> Sequence[int]:
    read, connector = w.client.settings.read, w.operation.connector
    handlers: Mapping[Any, Sequence[int]] = read.handlers
    return handlers.get(connector.prefix, ()) if connector else read.data_sources
