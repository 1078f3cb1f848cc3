"""Compares a target with the model: every view of what the model holds, and what answers say of it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from immuta_contracts.exchange import Answer
from immuta_contracts.expectations import Broken, same_json
from immuta_contracts.model import REMOVED, Dictionary, Model, Refusal, Source
from immuta_contracts.world import Json, World

DEFAULTS = {"secureNativeView": False}  # what an answer may show of a field that was not sent
FIELD_PROMISES = {
    "private": "CREATE-7",
    "category": "CREATE-6",
    "description": "CREATE-6",
    "hasExamples": "CREATE-6",
    "organization": "CREATE-5",
    "blobHandlerType": "CREATE-9",
    "recordFormat": "CREATE-9",
    "sqlTableName": "CREATE-12",
    "type": "CREATE-10",
}


OK, REDIRECTION = 200, 300
WRITING = ("UPDATE-1", "UPDATE-2", "UPDATE-3", "UPDATE-6", "UPDATE-9", "BULK-3", "BULK-5", "JOB-4")


class Machine:
    """`call` asks the target, the `check_...` and `expect_...` methods hold it against the model.

    A data source that differs from the model breaks the promise under which it was last written, or, while one is
    suspected, that one: the last call should have left it alone.
    """

    def __init__(self, w: World, model: Model) -> None:
        self.w, self.model = w, model
        self._suspect: str | None = None
        host = w.unused_host()
        self.hosts = [host, host.capitalize()]  # letter case is kept, so these are two
        self.token = "zq" + re.sub(r"\D+", "x", w.unused_host())  # begins every column name of the sequence

    # Calls

    def call(self, method: str, path: str, body: object = ..., **options: Any) -> Answer:
        answer = self.w.call(method, path, body, **options)
        self.w.expect(answer.status < 500, "no 5xx", answer.text[:300], promise="ERR-8")
        if OK < answer.status < REDIRECTION and not self._companion(method, path):
            self.w.broken("success answered with 200", f"{answer.status}: {answer.text[:300]}", promise="HTTP-2")
        leaked = any(password in answer.text for password in self.w.passwords)
        self.w.expect(not leaked, "an answer without the password", answer.text[:500], promise="HTTP-8")
        return answer

    def _companion(self, method: str, path: str) -> bool:
        operation = self.w.routes.match(method, path)
        return operation is not None and operation.companion

    def expect_refused(self, answer: Answer, refusal: Refusal) -> None:
        """The answer is the refusal."""
        promise = refusal.promise
        if refusal.promise == "ERR-5" and answer.status == 200:
            promise = "CREATE-11"
        self.w.expect_status(answer, refusal.status, promise=promise)
        self.w.expect(refusal.text in answer.text, f"a text with {refusal.text!r}", answer.text[:300], promise=promise)

    @contextmanager
    def suspecting(self, promise: str | None) -> Iterator[None]:
        """For a while, differences break this promise, if one is given."""
        self._suspect = promise
        yield
        self._suspect = None

    # Views

    def check(self, source: Source) -> None:
        """Every view of one data source, first the side from which its columns were written."""
        views = [self.check_handler, self.check_dictionary]
        for view in reversed(views) if source.columns_by.startswith("DICT") else views:
            view(source)
        self.check_source(source)

    def check_handler(self, source: Source) -> None:
        """As it is read by default; where only that differs from the model, reading is at fault and not writing."""
        try:
            self.check_record(source)
        except Broken as broken:
            if broken.promise not in WRITING:
                raise
            self.check_record(source, skipCache="true")
            raise Broken("GET-3", broken.expected, broken.seen) from broken

    def shows(self, source: Source) -> bool:
        """Whether the handler is as given."""
        try:
            self.check_record(source)
        except Broken:
            return False
        return True

    def check_record(self, source: Source, **query: Any) -> None:
        """The handler as one request shows it."""
        answer = self.call("GET", source.handler_path, query=query)
        record = self.w.expect_success(answer, promise=self._suspect or "GET-1")
        expected = {"id": source.handler_id, "dataSourceId": source.id}
        self.w.expect_holds(record, expected, "the handler", promise="GET-1")
        self.expect_string(source, record)
        self.expect_metadata(source, record.get("metadata"))

    def check_dictionary(self, source: Source) -> None:
        answer = self.call("GET", source.dictionary_path)
        if source.dictionary is None:
            gone = "DICT-8" if source.columns_by == "DICT-8" else "CREATE-19"
            promise = gone if answer.status == 200 else "DICT-10"
            self.w.expect_status(answer, 404, promise=self._suspect or promise)
        else:
            promise = self._suspect or (source.columns_by if source.columns_by.startswith("DICT") else "DICT-7")
            self.expect_dictionary(source, self.w.expect_success(answer, promise=promise), promise)

    def check_source(self, source: Source) -> None:
        answer = self.call("GET", source.path)
        self.expect_source(source, self.w.expect_success(answer, promise=self._suspect or "COMP-4"))

    def check_named(self, source: Source) -> None:
        answer = self.call("GET", "/dataSource/name/" + quote(source.name, safe=""))
        self.expect_source(source, self.w.expect_success(answer, promise=self._suspect or source.named_by))

    def check_unmade(self, name: str) -> None:
        """A refused create has made nothing of this name."""
        answer = self.call("GET", "/dataSource/name/" + quote(name, safe=""))
        self.w.expect_status(answer, 404, promise="ERR-8")

    def check_removed(self, source: Source) -> None:
        """Nothing of a removed data source is there."""
        for path in (source.handler_path, source.dictionary_path, source.path):
            self.w.expect_status(self.call("GET", path), REMOVED.status, promise=REMOVED.promise)

    def check_search(self, text: str, limit: int | None) -> None:
        """The column search for a text that begins with the sequence's own token."""
        query = {"searchText": text} | ({} if limit is None else {"limit": str(limit)})
        found = self.w.expect_success(self.call("GET", "/dictionary/columns", query=query), promise="SEARCH-1")
        expected = [{"columnName": name} for name in self.model.columns_found(text, limit or 10)]
        what = f"the columns found for {text!r}, limit {limit}"
        self.w.expect_equal(found, expected, what, promise=_searched(text, limit or 10, found, expected))

    def check_list(self, query: list[tuple[str, str]], expected: Sequence[Source], *, count: int | None = None) -> None:
        """A page of the data source list, filtered by what only the sequence has; `count` is that of all pages."""
        page = self.w.expect_success(self.call("GET", "/dataSource", query=query), promise="COMP-3")
        hits = page.get("hits") if isinstance(page, dict) else None
        ids = [hit.get("id") for hit in hits if isinstance(hit, dict)] if isinstance(hits, list) else hits
        self.w.expect_equal(ids, [source.id for source in expected], f"the ids listed by {query}", promise="COMP-3")
        self.w.expect_equal(page.get("count"), len(expected) if count is None else count, "count", promise="COMP-3")
        for hit, source in zip(hits or [], expected, strict=False):
            shown = {"name": source.name, "deleted": source.disabled, "connectionString": source.connection_string}
            self.w.expect_holds(hit, shown, "the hit", promise=self._suspect or "COMP-3")

    # What an answer says of a data source

    def expect_string(self, source: Source, answer: Json) -> None:
        expected = {"connectionString": source.connection_string}
        promise = "CREATE-16" if _other_port(source, answer) else source.string_by
        self.w.expect_holds(answer, expected, "the answer", promise=self._suspect or promise)

    def expect_metadata(self, source: Source, metadata: Any) -> None:
        """Metadata as the handler shows them, with the columns and the name in them."""
        w = self.w
        w.expect(isinstance(metadata, dict), "metadata, an object", metadata, promise="GET-1")
        for name, value in source.metadata.items():
            promise = self._suspect or source.written_by[name]
            w.expect_equal(metadata.get(name, "<absent>"), value, f"metadata.{name}", promise=promise)
        for name in source.gone & metadata.keys():
            default = name in DEFAULTS and same_json(metadata[name], DEFAULTS[name])
            default = default or (name == "port" and metadata[name] == source.connector.default_port)
            w.expect(default, f"no metadata.{name}, which a PUT left out", metadata[name], promise="UPDATE-1")
        w.expect_holds(metadata, {"dataSourceName": source.name}, "metadata", promise=self._suspect or source.named_by)
        self.expect_columns(source, metadata.get("columns"))
        self._expect_high_cardinality(source, metadata.get("highCardinality"))

    def expect_columns(self, source: Source, columns: Any) -> None:
        expected = source.dictionary.shown if source.dictionary else None
        promise = "GET-3" if source.columns_by.startswith("DICT") else source.columns_by
        self.w.expect_equal(columns, expected, "the columns of the handler", promise=self._suspect or promise)

    def expect_dictionary(self, source: Source, dictionary: Any, promise: str) -> None:
        w, model = self.w, source.dictionary
        assert model is not None
        w.expect_holds(dictionary, {"dataSource": source.id}, "the dictionary", promise="DICT-4")
        w.expect_equal(dictionary.get("metadata"), model.shown, "the columns of the dictionary", promise=promise)
        w.expect_equal(dictionary.get("types"), model.types, "types", promise="DICT-5")
        self._expect_same_dictionary(model, dictionary)

    def expect_source(self, source: Source, shown: Any) -> None:
        w = self.w
        w.expect_holds(shown, {"id": source.id}, "the data source", promise="COMP-4")
        w.expect_holds(shown, {"name": source.name}, "the data source", promise=self._suspect or source.named_by)
        w.expect_holds(shown, {"deleted": source.disabled}, "the data source", promise=self._suspect or "COMP-5")
        self.expect_string(source, shown)
        for name, value in source.fields.items():
            promise = self._suspect or FIELD_PROMISES.get(name, "HTTP-6" if name.startswith("x_") else "CREATE-1")
            w.expect_holds(shown, {name: value}, "the data source", promise=promise)
        w.expect_holds(shown.get("blobHandler"), {}, "blobHandler", promise="GET-4")
        url = shown["blobHandler"].get("url")
        w.expect(
            str(url).endswith(source.handler_path), f"an address ending in {source.handler_path}", url, promise="GET-4"
        )

    def _expect_same_dictionary(self, model: Dictionary, dictionary: Json) -> None:
        """The id and the time of creation stay what they were first."""
        model.id = dictionary.get("id") if model.id is None else model.id
        model.created_at = dictionary.get("createdAt") if model.created_at is None else model.created_at
        expected = {"id": model.id, "createdAt": model.created_at}
        self.w.expect_holds(dictionary, expected, "the dictionary", promise="DICT-6")

    def _expect_high_cardinality(self, source: Source, shown: Any) -> None:
        if source.high_cardinality:
            expected = " or ".join(map(repr, source.high_cardinality))
            right = any(same_json(shown, value) for value in source.high_cardinality)
            self.w.expect(right, f"metadata.highCardinality to be {expected}", shown, promise=self._suspect or "JOB-4")


def _other_port(source: Source, answer: Json) -> bool:
    """Whether the answer's connection string is right but for a port that was never given."""
    shown, default = str(answer.get("connectionString")), f":{source.connector.default_port}/"
    return "port" not in source.metadata and re.sub(r":\d*/", default, shown, count=1) == source.connection_string


def _searched(text: str, limit: int, found: Any, expected: list[Json]) -> str:
    """The promise that a wrong answer to a search breaks."""
    if not isinstance(found, list) or not all(isinstance(hit, dict) and "columnName" in hit for hit in found):
        return "SEARCH-1"
    names, right = [str(hit["columnName"]) for hit in found], [hit["columnName"] for hit in expected]
    if len(names) > limit:
        return "SEARCH-3"
    if set(names) == set(right) or ({"%", "_"} & set(text) and set(names) > set(right)):
        return "SEARCH-4"
    if names != [name for name in right if text in name] and names == right[: len(names)]:
        return "SEARCH-3"
    return "SEARCH-2"
