"""The rules of the model layer that change what data sources hold: handlers, bulk updates, dictionaries, jobs."""

import re
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.connectors import C5, Connector
from immuta_contracts.expectations import Broken
from immuta_contracts.model import (
    DICTIONARY_EXISTS,
    INVALID,
    NO_DICTIONARY,
    NO_HANDLER,
    NOT_OF_CONNECTOR,
    SAME_COLUMNS,
    Source,
    same_columns,
)
from immuta_contracts.sequence import Rule, Sequence
from immuta_contracts.world import Json

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SKIP_CACHE: tuple[Json, ...] = ({}, {"skipCache": "true"}, {"skipCache": "False"})


def read_handler(s: Sequence) -> None:
    s.machine.check_record(s.source(), **s.draw(st.sampled_from(SKIP_CACHE)))


def read_elsewhere(s: Sequence) -> None:
    """The id of a handler says nothing to another connector."""
    source = s.source()
    prefix = s.one_of([connector.prefix for connector in C5 if connector != source.connector])
    body = {"handler": {"metadata": s.pools.metadata(source.connector)}}
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", ...),
        ("PUT", "", body),
        ("PUT", "/triggerHighCardinalityJob", ...),
    ]
    method, suffix, sent = s.one_of(calls)
    s.refused(s.call(method, f"/{prefix}/handler/{source.handler_id}{suffix}", sent), NO_HANDLER, source)


def update(s: Sequence) -> None:
    """The whole metadata anew, with or without columns and name."""
    source = s.source()
    written = s.pools.metadata(source.connector, **_name(s, source))
    if written.get("columns") and not s.model.refuses_update(source, written) and s.odds(8):
        written["columns"] = [*written["columns"], written["columns"][-1]]
    body: Any = {"handler": {"metadata": written}}
    body = [body] if source.connector.array_body and s.odds(3) else body
    answer = s.call("PUT", source.handler_path, body, query=s.draw(st.sampled_from(SKIP_CACHE)))
    if refusal := s.model.refuses_update(source, written):
        s.refused(answer, refusal, source)
        return
    updated = s.w.expect_success(answer, promise="UPDATE-1")
    source.replace(written)
    _expect_updated(s, source, updated)
    s.touched = [source]


def update_badly(s: Sequence) -> None:
    """Metadata without one of the fields that are required."""
    source = s.source()
    written = s.pools.metadata(source.connector, **_name(s, source))
    del written[s.one_of(["hostname", "database", "table"])]
    s.refused(s.call("PUT", source.handler_path, {"handler": {"metadata": written}}), INVALID, source)


def bulk(s: Sequence) -> None:
    """Some fields for all that share a connection string, of one connector."""
    source = s.source()
    connector = s.connector() if s.odds(4) else source.connector
    string = source.connection_string
    reached = s.model.sharing(connector, string)
    _bulk(s, connector, {"connectionString": string}, reached, string)


def bulk_by_ids(s: Sequence) -> None:
    """Some fields for the data sources of some ids; one that is no data source of the connector spoils it for all."""
    connector = s.one_of(_crowded(s))
    own = [source for source in s.model.sources if source.connector == connector]
    others = [source for source in (*s.model.sources, *s.model.removed) if source not in own]
    chosen = s.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique_by=lambda source: source.id))
    if others and s.odds(3):
        ids = [source.id for source in (*chosen, s.one_of(others))]
        body = {"ids": ids, "handler": {"metadata": s.pools.changes(connector)}}
        s.refused(s.call("PUT", f"/{connector.prefix}/bulk", body), NOT_OF_CONNECTOR, chosen[0])
    else:
        _bulk(s, connector, {"ids": [source.id for source in chosen]}, chosen, "")


def post_dictionary(s: Sequence) -> None:
    source, columns = s.source(), _columns(s)
    answer = s.call("POST", source.dictionary_path, {"metadata": columns})
    if source.dictionary is not None and not same_columns(columns):
        s.refused(answer, DICTIONARY_EXISTS, source)
    elif same_columns(columns):
        s.refused(answer, SAME_COLUMNS, source)
    else:
        _described(s, source, columns, s.w.expect_success(answer, promise="DICT-1"), "DICT-1")


def put_dictionary(s: Sequence) -> None:
    source, columns = s.source(), _columns(s)
    if source.dictionary is None and same_columns(columns):
        columns = columns[:1]
    answer = s.call("PUT", source.dictionary_path, {"metadata": columns})
    if source.dictionary is None:
        s.refused(answer, NO_DICTIONARY, source)
    elif same_columns(columns):
        s.refused(answer, SAME_COLUMNS, source)
    else:
        _described(s, source, columns, s.w.expect_success(answer, promise="DICT-6"), "DICT-6")


def delete_dictionary(s: Sequence) -> None:
    source = s.source()
    answer = s.call("DELETE", source.dictionary_path)
    if source.dictionary is None:
        s.refused(answer, NO_DICTIONARY, source)
        return
    s.w.expect_equal(s.w.expect_success(answer, promise="DICT-8"), {}, "the answer to DELETE", promise="DICT-8")
    source.undescribe()
    s.touched = [source]


def run_job(s: Sequence) -> None:
    """A job by itself, until it completed."""
    source = s.source()
    words = ["triggerHighCardinalityJob"] + ["refreshNativeViewJob"] * source.connector.native_view
    word = s.one_of(words)
    job_id = s.w.expect_success(s.call("PUT", f"{source.handler_path}/{word}"), promise="JOB-1")
    s.w.expect(isinstance(job_id, str) and bool(UUID.fullmatch(job_id)), "a UUID", job_id, promise="JOB-3")
    s.w.expect(job_id not in s.job_ids, "a job id that no other job has", job_id, promise="JOB-3")
    s.job_ids.add(job_id)
    s.completed([job_id], "JOB-3")
    if word == words[0]:
        source.computed()
    s.touched = [source]


def search(s: Sequence) -> None:
    s.machine.check_search(s.pools.search_text(), s.one_of([None, 1, 2, 5, 50]))


def _bulk(s: Sequence, connector: Connector, selection: Json, reached: list[Source], asked: str) -> None:
    written = s.pools.changes(connector)
    if s.odds(6):
        written["dataSourceName"] = s.new_name()
    body: Any = {**selection, "handler": {"metadata": written}}
    body = [body] if connector.array_body and s.odds(3) else body
    answer = s.call("PUT", f"/{connector.prefix}/bulk", body)
    if refusal := s.model.refuses_bulk(reached, written):
        s.refused(answer, refusal, reached[0])
        return
    promise = "BULK-8" if "ids" in selection else "BULK-1"
    done = s.w.expect_success(answer, promise=promise if reached else "BULK-6")
    if done.get("jobsCreated") == len(reached):  # another number is judged below
        s.expect_bulk(connector, done, len(reached), "BULK-4", "BULK-4")
    _expect_reached(s, reached, written, promise)
    s.touched, s.bystander = list(reached), promise
    with s.machine.suspecting(promise):
        for source in s.model.sources:
            if source not in reached and source.connection_string.lower().startswith(asked.lower() or "-"):
                s.machine.check_handler(source)
    s.w.expect_holds(done, {"jobsCreated": len(reached)}, "the bulk answer", promise="BULK-6")
    string = reached[0].connection_string if reached else asked
    s.w.expect_holds(done, {"connectionString": string}, "the bulk answer", promise="BULK-5")


def _expect_reached(s: Sequence, reached: list[Source], written: Json, promise: str) -> None:
    """Each data source shows what was merged; one that shows what it was before was not reached at all."""
    before = deepcopy(reached)
    for source in reached:
        source.merge(written)
    for source, old in zip(reached, before, strict=True):
        try:
            s.machine.check_handler(source)
        except Broken as broken:
            if broken.promise == "BULK-3" and s.machine.shows(old):
                raise Broken(promise, broken.expected, broken.seen) from broken
            raise


def _crowded(s: Sequence) -> list[Connector]:
    """The connectors that have several data sources, or those that have any."""
    owners = [source.connector for source in s.model.sources]
    return [connector for connector in C5 if owners.count(connector) > 1] or [*dict.fromkeys(owners)]


def _expect_updated(s: Sequence, source: Source, updated: Any) -> None:
    files = source.metadata.get("userFiles") or [{}]
    expected = {"id": source.handler_id, "dataSourceId": source.id, "ca": files[0].get("userFilename", "")}
    s.w.expect_holds(updated, expected, "the answer to the update", promise="UPDATE-8")
    s.machine.expect_string(source, updated)
    s.machine.expect_metadata(source, updated.get("metadata"))
    shown = source.dictionary.shown if source.dictionary else []
    s.w.expect_equal(updated.get("columns"), shown, "columns of the answer to the update", promise="UPDATE-8")


def _described(s: Sequence, source: Source, columns: list[Json], answer: Any, promise: str) -> None:
    source.describe(columns, promise)
    s.machine.expect_dictionary(source, answer, promise)
    s.touched = [source]


def _columns(s: Sequence) -> list[Json]:
    """A column list; now and then with one name twice."""
    columns = s.pools.columns()
    return [*columns, columns[0]] if columns and s.odds(8) else columns


def _name(s: Sequence, source: Source) -> Json:
    """No name in the metadata, the one there is, or another."""
    return s.one_of([{}, {"dataSourceName": source.name}, {"dataSourceName": s.new_name()}])


def _any(s: Sequence) -> bool:
    return bool(s.model.sources)


CHANGING = [
    Rule(rule, _any)
    for rule in (
        *(read_handler, read_elsewhere, update, update, update, update_badly, bulk, bulk, bulk_by_ids, bulk_by_ids),
        *(post_dictionary, put_dictionary, delete_dictionary, run_job, run_job, search, search),
    )
]
