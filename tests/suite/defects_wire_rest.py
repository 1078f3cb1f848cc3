"""Planted defects on the wire that an independent look at access, errors, dictionaries and companions thought of."""

import json
import re
from copy import deepcopy
from typing import Any

from immuta_contracts.target import MOCK_KEYS
from planting import Reply, Seen, Wire, on_wire
from planting_dictionaries import columns_in, is_dictionary, is_list, is_search, text_of
from planting_handlers import body_of, is_bulk, is_update, metadata_of
from planting_refusals import KEYS, Tokens, as_owner, credential_of, has_key, refusal, unauthorized

UNKNOWN_PREFIX = "x_"
PARTS = ("hostname", "database", "schema", "table")  # of the identity of a remote table


def is_create(seen: Seen, prefix: str) -> bool:
    return seen.method == "POST" and seen.path == f"/{prefix}/handler"


def is_source(seen: Seen, method: str) -> bool:
    """Whether the request is one of this method on a data source by its id."""
    return seen.method == method and re.fullmatch(r"/dataSource/\d+", seen.path) is not None


def elements_of(seen: Seen) -> list[dict[str, Any]]:
    """The metadata of all elements of a create body; changes in them are sent on."""
    handler = body_of(seen).get("handler")
    found = [each.get("metadata") for each in (handler if isinstance(handler, list) else [handler]) if each]
    return [each for each in found if isinstance(each, dict)]


def id_in(seen: Seen) -> str:
    return seen.path.split("/")[2]


class Crash(Wire):
    """Answers 500 to some requests."""

    def request(self, seen: Seen) -> Reply | None:
        return refusal(500, "An internal error occurred.") if self.crashes(seen) else None

    def crashes(self, seen: Seen) -> bool:
        raise NotImplementedError


# Access and transport


@on_wire("AUTH-1")
class KeysAreTakenInAnyLetterCase(Wire):
    """An API key is compared without regard to letter case."""

    def request(self, seen: Seen) -> Reply | None:
        if credential_of(seen).lower() in KEYS:
            seen.headers["authorization"] = credential_of(seen).lower()
        return None


@on_wire("AUTH-2")
class TokenIsGoodForOneCall(Tokens):
    """A token is refused from its second use on."""

    def request(self, seen: Seen) -> Reply | None:
        if not self.is_token(seen):
            return None
        self.used[credential_of(seen)] += 1
        return unauthorized() if self.used[credential_of(seen)] > 1 else None


@on_wire("HTTP-1")
class TrinoJobIsElsewhere(Wire):
    """The job of Trino is found under a path with a slash at its end, where it redirects to."""

    def request(self, seen: Seen) -> Reply | None:
        moved = seen.on("PUT", "trino", "triggerHighCardinalityJob") and has_key(seen)
        return Reply(308, None, {"location": seen.path + "/"}, b"") if moved else None


@on_wire("HTTP-5")
class RedshiftJobsReadAnIdUpToItsLetters(Wire):
    """The id of a Redshift job is read as far as it is a number: 12abc is 12."""

    def request(self, seen: Seen) -> Reply | None:
        seen.path = re.sub(r"^(/redshift/handler/\d+)[a-z]+(/\w+Job)$", r"\1\2", seen.path)
        return None


@on_wire("HTTP-6")
class EmptyUnknownFieldsOfASourceAreLost(Wire):
    """Unknown fields of dataSource are dropped when their value is empty, zero, false or null."""

    def request(self, seen: Seen) -> Reply | None:
        source = body_of(seen).get("dataSource")
        if seen.method == "POST" and isinstance(source, dict):
            for name in [each for each in source if each.startswith(UNKNOWN_PREFIX) and not source[each]]:
                del source[name]
        return None


@on_wire("HTTP-6")
class NestedUnknownFieldsOfTrinoBecomeText(Wire):
    """An update of a Trino handler stores unknown objects and lists as JSON text."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "trino"):
            metadata = metadata_of(seen)
            for name in [each for each in metadata if each.startswith(UNKNOWN_PREFIX)]:
                if isinstance(metadata[name], dict | list):
                    metadata[name] = json.dumps(metadata[name])
        return None


@on_wire("HTTP-8")
class SnowflakeRenamingClashQuotesThePassword(Wire):
    """The refusal of a taken name by an update quotes the metadata with the password."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "snowflake") and reply.status == 422 and "password" in metadata_of(seen):
            reply.json["message"] += f" Sent: {json.dumps(metadata_of(seen))}"


# Errors


@on_wire("ERR-6")
class OnlyNeighboursAreComparedForTables(Wire):
    """The same table in two elements is noticed only if they follow each other."""

    def request(self, seen: Seen) -> Reply | None:
        elements = elements_of(seen)
        tables = [[each.get(part) for part in PARTS] for each in elements]
        for place in range(2, len(tables)):
            near, far = tables[place - 1], tables[: place - 1]
            if tables[place] in far and tables[place] != near and elements[place].get("table"):
                elements[place]["table"] += "_again"
        return None


@on_wire("ERR-8")
class LongNamesBreakTrino(Crash):
    """A data source name of more than 255 characters is answered 500."""

    def crashes(self, seen: Seen) -> bool:
        source = body_of(seen).get("dataSource")
        return is_create(seen, "trino") and isinstance(source, dict) and len(str(source.get("name"))) > 255


@on_wire("ERR-8")
class EmojisBreakDescriptions(Crash):
    """A column description with an emoji is answered 500."""

    def crashes(self, seen: Seen) -> bool:
        told = [str(column.get("description")) for column in columns_in(seen.json)]
        return is_dictionary(seen, "POST", "PUT") and any(ord(sign) > 0xFFFF for text in told for sign in text)


@on_wire("ERR-8")
class LargeTolerancesBreakSnowflake(Crash):
    """A staleDataTolerance beyond 32 bits is answered 500."""

    def crashes(self, seen: Seen) -> bool:
        told = [each.get("staleDataTolerance") for each in elements_of(seen)]
        return is_create(seen, "snowflake") and any(type(each) is int and each >= 2**31 for each in told)


@on_wire("ERR-8")
class QuotesBreakTheSearch(Crash):
    """An apostrophe in the text to search for is answered 500."""

    def crashes(self, seen: Seen) -> bool:
        return is_search(seen) and "'" in text_of(seen, "searchText")


@on_wire("ERR-8")
class TextForAHandlerBreaksBulkUpdates(Crash):
    """A bulk update whose handler is a text or a number is answered 500."""

    def crashes(self, seen: Seen) -> bool:
        return is_bulk(seen) and isinstance(body_of(seen).get("handler"), str | int)


@on_wire("ERR-8")
class ForbiddenDeletesDeleteAllTheSame(Wire):
    """The delete of a dictionary by a reader is answered 403, and done."""

    def __init__(self) -> None:
        self.forbidden = False

    def request(self, seen: Seen) -> Reply | None:
        self.forbidden = is_dictionary(seen, "DELETE") and credential_of(seen) == MOCK_KEYS["reader"]
        if self.forbidden:
            as_owner(seen)
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "DELETE") and self.forbidden and reply.status == 200:
            message = "User must have one of the following roles to delete dictionary: owner,expert."
            reply.status, reply.json = 403, refusal(403, message).json


# Dictionary and column search


@on_wire("DICT-3")
class DescriptionsLoseTheBlanksAround(Wire):
    """Descriptions are stored without the blanks around them."""

    def request(self, seen: Seen) -> Reply | None:
        for column in columns_in(seen.json) if is_dictionary(seen, "POST") else ():
            if isinstance(column.get("description"), str):
                column["description"] = column["description"].strip()
        return None


@on_wire("DICT-7")
class ReadingADictionaryEndsAfterTenColumns(Wire):
    """GET shows the first ten columns."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "GET") and reply.status == 200:
            del reply.json["metadata"][10:]


@on_wire("DICT-9")
class PostReplacesADictionaryOfTheHandler(Wire):
    """A dictionary that came with the data source is replaced by a POST."""

    def __init__(self) -> None:
        self.described: set[str] = set()

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST") and id_in(seen) in self.described:
            seen.method = "PUT"
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("POST", "handler") and reply.status == 200 and metadata_of(seen).get("columns"):
            self.described.add(str(reply.json["dataSourceId"]))
        if is_dictionary(seen, "DELETE"):
            self.described.discard(id_in(seen))


@on_wire("SEARCH-4")
class BackslashBeforeAWildcardIsEaten(Wire):
    """A backslash before % or _ is taken for an escape sign."""

    def request(self, seen: Seen) -> Reply | None:
        text = text_of(seen, "searchText")
        if is_search(seen) and text:
            seen.query["searchText"] = [text.replace("\\%", "%").replace("\\_", "_")]
        return None


# Companions


@on_wire("COMP-4")
class NamesLeadToAStaleStateOnceDisabled(Wire):
    """A disabled data source read by its name is shown as enabled."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "dataSource", "name") and reply.status == 200:
            reply.json["deleted"] = False


@on_wire("COMP-5")
class ListRemembersThatItWasDisabled(Wire):
    """A restored data source stays disabled in the list."""

    def __init__(self) -> None:
        self.disabled: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_source(seen, "DELETE"):
            self.disabled.add(id_in(seen))
        if is_list(seen) and reply.status == 200:
            for hit in reply.json["hits"]:
                hit["deleted"] = hit["deleted"] or str(hit["id"]) in self.disabled


@on_wire("COMP-5")
class HandlersOutliveTheirDataSources(Wire):
    """A handler that was read once is still answered when it was removed."""

    def __init__(self) -> None:
        self.read: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "handler") and reply.status == 200:
            self.read[seen.path] = deepcopy(reply.json)
        elif seen.on("GET", "handler") and reply.status == 404 and seen.path in self.read:
            reply.status, reply.json = 200, self.read[seen.path]
