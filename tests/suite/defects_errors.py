"""Planted defects of how requests are refused: ERR-1 to ERR-4."""

import json
from collections.abc import Callable
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import DataSource, Job
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_creates import elements_of, is_create, reads_handler, source_of
from planting_dictionaries import columns_in, is_dictionary, is_search
from planting_handlers import Json, Update, is_bulk, is_update, metadata_of
from planting_refusals import OWNER_KEY, credential_of, has_key, is_job, is_on, refusal

Start = Callable[[User, Connector, int], Job]

# ERR-1


@on_wire("ERR-1")
class StatusCodeIsText(Wire):
    """`statusCode` of a dictionary's error is a string."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_on(seen, "dictionary") and reply.status >= 400:
            reply.json["statusCode"] = str(reply.status)


@on_wire("ERR-1")
class NotFoundHasNoPhrase(Wire):
    """A 404 says its message in `error` too."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 404:
            reply.json["error"] = reply.json["message"]


@on_wire("ERR-1")
class NoRouteIsPlainText(Wire):
    """An unknown route is answered in plain text."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 404 and reply.json["message"] == "Not Found":
            reply.raw, reply.headers["content-type"] = b"Not Found", "text/plain"


@on_wire("ERR-1")
class MethodNotAllowedIsEmpty(Wire):
    """A wrong method on a bulk path is answered without a body."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 405 and _seen.path.endswith("/bulk"):
            reply.raw = b""


@on_wire("ERR-1")
class ForbiddenHasNoMessage(Wire):
    """A 403 of a redshift job has no message."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_job(seen, "redshift") and reply.status == 403:
            del reply.json["message"]


@on_wire("ERR-1")
class StatusCodeIsAlways400(Wire):
    """A taken name is 422 with a `statusCode` of 400."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 422:
            reply.json["statusCode"] = 400


@on_wire("ERR-1")
class MediaTypeErrorIsBare(Wire):
    """A 415 on trino is a bare sentence."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_on(seen, "trino") and reply.status == 415:
            reply.json = reply.json["message"]


# ERR-2


@on_wire("ERR-2")
class BadRequestIsNotSaid(Wire):
    """The 400 of a trino update does not start with `Bad request: `."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "trino") and reply.status == 400:
            reply.json["message"] = reply.json["message"].removeprefix("Bad request: ")


@on_wire("ERR-2")
class ReasonIsAlwaysTheSame(Wire):
    """Every 400 of a create on asa gives the same reason."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "asa") and reply.status == 400:
            reply.json["message"] = "Bad request: the request is invalid."


@on_wire("ERR-2")
class InvalidIsUnprocessable(Wire):
    """A bulk update of redshift that is against the schema is 422."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "redshift") and reply.status == 400 and seen.json is not None:
            reply.status, reply.json["statusCode"], reply.json["error"] = 422, 422, "Unprocessable Entity"


@on_wire("ERR-2")
class PortMayBeText(Wire):
    """An update of databricks takes a port that is a text of digits."""

    def request(self, seen: Seen) -> Reply | None:
        port = metadata_of(seen).get("port") if is_update(seen, "databricks") else None
        if isinstance(port, str) and port.isdecimal():
            metadata_of(seen)["port"] = int(port)
        return None


@on_wire("ERR-2")
class CategoryMayBeNull(Wire):
    """A create on snowflake takes null for a missing category."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, "snowflake") and source_of(seen).get("category", "") is None:
            del source_of(seen)["category"]
        return None


@on_wire("ERR-2")
class TagsNeedNoName(Wire):
    """A bulk update passes over tags without a name."""

    def request(self, seen: Seen) -> Reply | None:
        for column in metadata_of(seen).get("columns") or () if is_bulk(seen) else ():
            if isinstance(column, dict) and isinstance(column.get("tags"), list):
                column["tags"] = [tag for tag in column["tags"] if not isinstance(tag, dict) or "name" in tag]
        return None


@on_wire("ERR-2")
class CutOffBodyIsTaken(Wire):
    """A dictionary whose last bracket is missing is taken."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "PUT") and seen.json is None and seen.body.startswith(b'{"metadata": ['):
            seen.body += b"}"
        return None


@on_wire("ERR-2")
class OddLimitIsIgnored(Wire):
    """A `limit` that is no number is passed over."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and not all(text.lstrip("-").isdecimal() for text in seen.query.get("limit", ())):
            del seen.query["limit"]
        return None


@on_wire("ERR-2")
class TheLastOfTwoColumnsWins(Wire):
    """Of two columns of one name in a create the last is taken."""

    def request(self, seen: Seen) -> Reply | None:
        for metadata in elements_of(seen.json) if is_create(seen) else ():
            if isinstance(metadata.get("columns"), list):
                metadata["columns"] = list({str(each.get("name")): each for each in columns_of(metadata)}.values())
        return None


def columns_of(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """The columns of metadata that are objects."""
    return columns_in({"metadata": metadata["columns"]})


# ERR-3


@in_store("ERR-3")
def handlers_are_found_whatever_their_connector(store: Store) -> None:
    """A handler can be read at the path of any connector."""

    def wrap(get: Callable[[Connector, int], DataSource]) -> Callable[[Connector, int], DataSource]:
        def defective(connector: Connector, handler_id: int) -> DataSource:
            return get(owner_of(store, handler_id) or connector, handler_id)

        return defective

    replace(store, "get_handler", wrap)


@in_store("ERR-3")
def data_source_ids_lead_to_handlers(store: Store) -> None:
    """A handler of redshift can be updated under its data source id."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            source = store._state.data_sources.get(handler_id) if connector.prefix == "redshift" else None
            return update(user, connector, source.handler_id if source else handler_id, body)

        return defective

    replace(store, "update_handler", wrap)


@in_store("ERR-3")
def jobs_start_whatever_the_connector(store: Store) -> None:
    """The high cardinality job of databricks starts for handlers of other connectors too."""

    def wrap(start: Start) -> Start:
        def defective(user: User, connector: Connector, handler_id: int) -> Job:
            other = owner_of(store, handler_id) if connector.prefix == "databricks" else None
            return start(user, other or connector, handler_id)

        return defective

    replace(store, "trigger_high_cardinality", wrap)


def owner_of(store: Store, handler_id: int) -> Connector | None:
    """The connector that a handler belongs to."""
    found = store._state.data_sources.get(store._state.by_handler.get(handler_id, 0))
    return found.connector if found else None


@on_wire("ERR-3")
class UnknownIsDeleted(Wire):
    """The dictionary of an unknown data source is deleted with success."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "DELETE") and reply.status == 404:
            reply.status, reply.json = 200, {}


@on_wire("ERR-3")
class UnknownIsBad(Wire):
    """An update of an unknown handler of asa is 400."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "asa") and reply.status == 404:
            reply.status, reply.json = 400, refusal(400, "Bad request: handlerId is unknown.").json


@on_wire("ERR-3")
class UnknownIsForbidden(Wire):
    """Who is no owner gets 403 for the refresh of a handler that is not there."""

    def request(self, seen: Seen) -> Reply | None:
        foreign = has_key(seen) and credential_of(seen) != OWNER_KEY and seen.path.endswith("refreshNativeViewJob")
        return refusal(403, "User must be an owner.") if foreign and str(2**31 - 1) in seen.path else None


@on_wire("ERR-3")
class UnknownIsEmpty(Wire):
    """An unknown handler of snowflake is an empty object."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, "snowflake") and reply.status == 404:
            reply.status, reply.json = 200, {}


# ERR-4


@on_wire("ERR-4")
class TooLargeIsBad(Wire):
    """A body over the limit is 400."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 413:
            reply.status, reply.json = 400, refusal(400, "Bad request: the body is too large.").json


@on_wire("ERR-4")
class LargeDictionariesAreTaken(Wire):
    """There is no limit to a dictionary."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "PUT") and isinstance(seen.json, dict):
            seen.body = json.dumps(seen.json).encode()
        return None


@on_wire("ERR-4")
class LimitIsGone(Wire):
    """There is no limit to any body."""

    def request(self, seen: Seen) -> Reply | None:
        if isinstance(seen.json, dict):
            seen.body = json.dumps(seen.json).encode()
        return None


@on_wire("ERR-4")
class PlainTextIsRead(Wire):
    """A body of plain text is read as JSON by updates of redshift."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "redshift") and seen.headers.get("content-type") == "text/plain":
            seen.headers["content-type"] = "application/json"
        return None


@on_wire("ERR-4")
class XmlIsBad(Wire):
    """A body of XML is 400."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 415 and "xml" in seen.headers.get("content-type", ""):
            reply.status, reply.json = 400, refusal(400, "Bad request: the body is XML.").json


@on_wire("ERR-4")
class WhateverStartsLikeJsonIsJson(Wire):
    """A create takes application/jsonp for JSON."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, "databricks") and seen.headers.get("content-type", "").startswith("application/json"):
            seen.headers["content-type"] = "application/json"
        return None
