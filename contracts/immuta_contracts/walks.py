"""Walks along the links of the document: each followed call succeeds and leads to the thing its link came from."""

import json
from collections.abc import Callable
from typing import Any

from immuta_contracts.checks import expect_documented, expect_no_server_error, expect_works, kind
from immuta_contracts.claims import Outgoing
from immuta_contracts.exchange import Request
from immuta_contracts.links import Done, Link, Unresolvable, links_of
from immuta_contracts.owned import Owner
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation
from immuta_contracts.world import Json, World

CONNECTION = {"hostname", "port", "database", "username"}
NEEDS_DICTIONARY = ("getDictionary", "updateDictionary", "deleteDictionary")


class Walk:
    """One data source, what is known of it, and the links that the answers about it have offered so far.

    Of each link the newest answer counts: an older one may hold a name or a string that has changed since.
    """

    def __init__(self, w: World) -> None:
        self.w = w
        self.followed: set[Link] = set()
        self.offered: dict[Link, Done] = {}
        self.handler_id = self.data_source_id = 0
        self.name = self.connection_string = ""
        self.dictionary = self.disabled = self.removed = False

    def begin(self) -> None:
        """Create the data source from a documented example, and read it: the two answers that links start from."""
        create = self.w.routes.by_id(f"create{self.w.connector.word}DataSource")
        body = self._example(create)
        if body is None:
            self.w.cannot("the document has no valid example of a create of one data source")
        self.arrive(self._send(create, Outgoing("POST", create.path, _bytes(body), "application/json")))
        read = self.w.routes.by_id("getDataSource")
        self.arrive(self._send(read, Outgoing("GET", read.at(self.data_source_id))))

    # Choosing

    def open(self) -> list[Link]:
        """The offered links that must work now."""
        return [link for link in self.offered if self._works_now(link)]

    def unfollowed(self) -> list[Link]:
        """Every link that the walk's data source has to do with and that was not followed yet; removing comes last."""
        near = (self.w.connector, None)
        sources = [operation for operation in self.w.routes.operations if operation.connector in near]
        links = [link for source in sources for link in links_of(self.w.routes, source) if link not in self.followed]
        return sorted(links, key=lambda link: "deleteDataSource" in (link.source.id, link.target.id))

    def onward(self) -> Link | None:
        """An open link that brings one that was not followed yet nearer; None when none does."""
        ways = self.open()
        return next(filter(None, (self._toward(link, ways) for link in self.unfollowed())), None)

    def _toward(self, wanted: Link, ways: list[Link]) -> Link | None:
        """Of these ways the one to `wanted`: itself, one that changes the dictionary, or to a fresh answer."""
        if wanted in ways:
            return wanted
        return next((link for link in ways if link.target.id == self._missing(wanted)), None)

    def _missing(self, wanted: Link) -> str:
        """The operation to call before `wanted` can be followed."""
        blocking = self._unblocking(wanted.target.id)
        return blocking or self._unblocking(wanted.source.id) or wanted.source.id

    def _unblocking(self, operation_id: str) -> str | None:
        """The operation that makes or takes away the dictionary that stands in the way of another."""
        if operation_id == "createDictionary" and self.dictionary:
            return "deleteDictionary"
        return "createDictionary" if operation_id in NEEDS_DICTIONARY and not self.dictionary else None

    def _works_now(self, link: Link) -> bool:
        shared = self.w.is_pinned and "bulk" in kind(link.target)
        if self.removed or shared or self._unblocking(link.target.id):
            return False
        try:
            return bool(link.values(self.offered[link]).get("name", self.name) == self.name)
        except Unresolvable:
            return False

    # Following

    def follow(self, link: Link) -> None:
        """Make the call, and hold its answer against the document and against what is known of the data source."""
        body = self._example(link.target) if link.body is None and link.target.has_body else None
        self.followed.add(link)
        self.arrive(self._send(link.target, link.call(self.offered[link], body)))

    def arrive(self, done: Done) -> None:
        """Judge the answer of a call and take up what it changed."""
        expect_no_server_error(self.w, done.answer)
        expect_works(self.w, done.operation, done.answer)
        expect_documented(self.w, done.operation, done.answer)
        if take := TAKES.get(kind(done.operation)):
            take(self, _sent(done), done.answer.json)

    def _send(self, operation: Operation, sent: Outgoing) -> Done:
        answer = self.w.call(sent.method, sent.target, raw=sent.body, content_type=sent.content_type)
        done = Done(operation, Request(sent.method, sent.target, (), sent.body), answer)
        self.offered.update(dict.fromkeys(links_of(self.w.routes, operation, answer.status), done))
        return done

    def _example(self, operation: Operation) -> Any:
        """The first documented example of a body of one thing, valid by this document, made the run's own."""
        schemas = schemas_of(self.w.routes)
        owner = Owner(self.w, operation)
        owner.data_source_id, owner.connection_string = self.data_source_id, self.connection_string
        for body in schemas.body_examples(operation):
            one = not isinstance(body.get("handler"), list)
            if one and schemas.body_validity(operation, body) == "valid":
                return owner.value(body)
        return None

    # What each call changes, and what its answer has to say of the data source

    def created(self, sent: Json, answer: Json) -> None:
        self.w.expect("id" in answer, "the answer to a create of one data source", answer, promise="CREATE-15")
        self.handler_id, self.data_source_id = answer["id"], answer["dataSourceId"]
        self.connection_string, self.name = answer["connectionString"], sent["dataSource"]["name"]
        self.dictionary = "columns" in sent["handler"]["metadata"]

    def read(self, _sent: Json, answer: Json) -> None:
        ids = {"id": self.handler_id, "dataSourceId": self.data_source_id}
        expected = {**ids, "connectionString": self.connection_string}
        self.w.expect_holds(answer, expected, "the handler the link leads to", promise="GET-1")

    def updated(self, sent: Json, answer: Json) -> None:
        expected = {"id": self.handler_id, "dataSourceId": self.data_source_id}
        self.w.expect_holds(answer, expected, "the answer to the PUT of the link", promise="UPDATE-8")
        metadata = sent["handler"]["metadata"]
        self.name = metadata.get("dataSourceName", self.name)
        self.connection_string = answer["connectionString"]
        self.dictionary = self.dictionary or "columns" in metadata

    def reached(self, sent: Json, answer: Json) -> None:
        """A link of an older answer may select by a string that is no more."""
        current = sent["connectionString"] == self.connection_string
        expected = {"jobsCreated": int(current)}
        self.w.expect_holds(answer, expected, "the bulk update of the link", promise="BULK-6")
        if current and CONNECTION & sent["handler"]["metadata"].keys():
            self.connection_string = answer["connectionString"]
        elif current:
            expected_string = {"connectionString": self.connection_string}
            self.w.expect_holds(answer, expected_string, "the bulk update of the link", promise="BULK-5")

    def described(self, _sent: Json, answer: Json) -> None:
        expected = {"dataSource": self.data_source_id}
        self.w.expect_holds(answer, expected, "the dictionary the link leads to", promise="DICT-4")
        self.dictionary = True

    def undescribed(self, _sent: Json, _answer: Json) -> None:
        self.dictionary = False

    def seen(self, _sent: Json, answer: Json) -> None:
        expected = {"id": self.data_source_id, "name": self.name, "deleted": self.disabled}
        self.w.expect_holds(answer, expected, "the data source the link leads to", promise="COMP-4")
        address = f"/{self.w.connector.prefix}/handler/{self.handler_id}"
        url = answer["blobHandler"]["url"]
        self.w.expect(url.endswith(address), f"blobHandler.url to end in {address}", url, promise="GET-4")

    def restored(self, sent: Json, answer: Json) -> None:
        self.disabled = sent.get("deleted", self.disabled)
        self.seen(sent, answer)

    def deleted(self, _sent: Json, answer: Json) -> None:
        expected = {"id": self.data_source_id, "hardDelete": self.disabled}
        self.w.expect_holds(answer, expected, "the answer to the DELETE of the link", promise="COMP-5")
        self.disabled, self.removed = True, self.disabled


TAKES: dict[str, Callable[[Walk, Json, Json], None]] = {
    "create{}DataSource": Walk.created,
    "get{}Handler": Walk.read,
    "update{}Handler": Walk.updated,
    "bulkUpdate{}DataSources": Walk.reached,
    "createDictionary": Walk.described,
    "updateDictionary": Walk.described,
    "getDictionary": Walk.described,
    "deleteDictionary": Walk.undescribed,
    "getDataSource": Walk.seen,
    "getDataSourceByName": Walk.seen,
    "updateDataSource": Walk.restored,
    "deleteDataSource": Walk.deleted,
}


def _sent(done: Done) -> Any:
    body = json.loads(done.request.body) if done.request.body else {}
    return body[0] if isinstance(body, list) else body


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()
