"""Planted defects of paths, successes, media types, `skipCache` and ids: HTTP-1 to HTTP-5."""

from collections.abc import Mapping
from types import MappingProxyType

from planting import Reply, Seen, Wire, on_wire
from planting_creates import is_create
from planting_dictionaries import is_dictionary, is_search
from planting_handlers import is_bulk, is_update, metadata_of
from planting_refusals import is_job, is_on, refusal


def nothing_here() -> Reply:
    return refusal(404, "Not Found")


# HTTP-1


@on_wire("HTTP-1")
class ApiPrefixIsStripped(Wire):
    """Every path also works under /api."""

    def request(self, seen: Seen) -> Reply | None:
        seen.path = seen.path.removeprefix("/api")
        return None


@on_wire("HTTP-1")
class DictionaryHasVersions(Wire):
    """The dictionary also works under /v1."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.path.startswith("/v1/dictionary"):
            seen.path = seen.path.removeprefix("/v1")
        return None


@on_wire("HTTP-1")
class DatabricksRefreshesNativeViews(Wire):
    """Databricks has a refreshNativeViewJob."""

    def request(self, seen: Seen) -> Reply | None:
        if is_job(seen, "databricks"):
            seen.path = seen.path.replace("refreshNativeViewJob", "triggerHighCardinalityJob")
        return None


@on_wire("HTTP-1")
class TrinoIsCalledStarburst(Wire):
    """Bulk updates of trino have moved to /starburst/bulk."""

    def request(self, seen: Seen) -> Reply | None:
        return nothing_here() if is_bulk(seen, "trino") else None


@on_wire("HTTP-1")
class RefreshIsUnknown(Wire):
    """The refresh of redshift is no route."""

    def request(self, seen: Seen) -> Reply | None:
        return nothing_here() if is_job(seen, "redshift") and seen.path.endswith("refreshNativeViewJob") else None


@on_wire("HTTP-1")
class SearchIsShadowed(Wire):
    """The column search is taken for a dictionary whose id is `columns`."""

    def request(self, seen: Seen) -> Reply | None:
        return refusal(404, "Data source not found.") if is_search(seen) else None


# HTTP-2


@on_wire("HTTP-2")
class CreatedIs201(Wire):
    """A create on snowflake is answered 201."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "snowflake") and reply.status == 200:
            reply.status = 201


@on_wire("HTTP-2")
class SeveralAre202(Wire):
    """A create of several is answered 202."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen) and reply.status == 200 and "bulkId" in reply.json:
            reply.status = 202


@on_wire("HTTP-2")
class DeletedIs204(Wire):
    """A deleted dictionary is answered 204 without a body."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "DELETE") and reply.status == 200:
            reply.status, reply.raw = 204, b""


@on_wire("HTTP-2")
class JobIdIsPlainText(Wire):
    """The id of a redshift job is plain text."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_job(seen, "redshift") and reply.status == 200:
            reply.raw, reply.headers["content-type"] = reply.json.encode(), "text/plain"


@on_wire("HTTP-2")
class SearchIsDeclaredHtml(Wire):
    """The column search declares its JSON as HTML when it finds nothing."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_search(seen) and reply.json == []:
            reply.headers["content-type"] = "text/html; charset=utf-8"


@on_wire("HTTP-2")
class NoMatchIs204(Wire):
    """A bulk update of asa that reaches nothing is answered 204."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "asa") and reply.status == 200 and reply.json["jobsCreated"] == 0:
            reply.status, reply.raw = 204, b""


# HTTP-3


@on_wire("HTTP-3")
class BulkNeedsAMediaType(Wire):
    """A bulk update of trino without Content-Type is 415."""

    def request(self, seen: Seen) -> Reply | None:
        bare = is_bulk(seen, "trino") and "content-type" not in seen.headers
        return refusal(415, "The media type is missing; send application/json.") if bare else None


@on_wire("HTTP-3")
class UndeclaredUpdateIsEmpty(Wire):
    """An update without Content-Type succeeds and writes nothing new."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen) and "content-type" not in seen.headers:
            metadata_of(seen).pop("staleDataTolerance", None)
        return None


@on_wire("HTTP-3")
class UndeclaredDictionaryIsAForm(Wire):
    """A dictionary sent without Content-Type is read as a form, so nothing is found in it."""

    def request(self, seen: Seen) -> Reply | None:
        bare = is_dictionary(seen, "POST") and "content-type" not in seen.headers
        return refusal(400, "Bad request: metadata is missing.") if bare else None


@on_wire("HTTP-3")
class MediaTypeIsComparedWhole(Wire):
    """A create with a charset in its Content-Type is 415."""

    def request(self, seen: Seen) -> Reply | None:
        odd = is_create(seen) and ";" in seen.headers.get("content-type", "")
        return refusal(415, "Send application/json.") if odd else None


# HTTP-4


class SkipCache(Wire):
    """Handles the texts of `skipCache` in its own way; `texts` maps a text to what is sent on, None to a refusal."""

    texts: Mapping[str, str | None] = MappingProxyType({})
    prefixes: tuple[str, ...] = ()

    def request(self, seen: Seen) -> Reply | None:
        text = (seen.query.get("skipCache") or [""])[0]
        if "skipCache" not in seen.query or text not in self.texts or not any(is_on(seen, p) for p in self.prefixes):
            return None
        if self.texts[text] is None:
            return refusal(400, f"Bad request: skipCache is {text!r}, expected true or false.")
        seen.query["skipCache"] = [str(self.texts[text])]
        return None


@on_wire("HTTP-4")
class OnlyLowerCaseIsBoolean(SkipCache):
    """`skipCache=True`, as Python writes it, is 400 on databricks."""

    texts = MappingProxyType(dict.fromkeys(("True", "False", "TRUE", "FALSE"), None))
    prefixes = ("databricks",)


@on_wire("HTTP-4")
class OneIsTrue(SkipCache):
    """`skipCache=1` and `yes` are taken for true on asa and redshift."""

    texts = MappingProxyType({"1": "true", "yes": "true"})
    prefixes = ("asa", "redshift")


@on_wire("HTTP-4")
class NoValueIsFalse(SkipCache):
    """`skipCache=` without a value is taken on trino."""

    texts = MappingProxyType({"": "false"})
    prefixes = ("trino",)


@on_wire("HTTP-4")
class UpdatesDoNotLookAtSkipCache(Wire):
    """An update of snowflake takes whatever `skipCache` says."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "snowflake"):
            seen.query.pop("skipCache", None)
        return None


# HTTP-5


class BadId(Wire):
    """Answers 404 where the id in the path is one of `texts`."""

    texts: tuple[str, ...] = ()

    def request(self, seen: Seen) -> Reply | None:
        parts = seen.path.split("/")
        found = any(text in parts for text in self.texts) and self.concerns(seen)
        return refusal(404, "Not Found") if found and "authorization" in seen.headers else None

    def concerns(self, seen: Seen) -> bool:
        raise NotImplementedError


@on_wire("HTTP-5")
class ZeroIsUnknown(BadId):
    """The handler id 0 is unknown, not invalid, on asa."""

    texts = ("0",)

    def concerns(self, seen: Seen) -> bool:
        return is_on(seen, "asa")


@on_wire("HTTP-5")
class TextIsNoRoute(BadId):
    """An id that is no number meets no route, for a data dictionary."""

    texts = ("abc", "null", "true")

    def concerns(self, seen: Seen) -> bool:
        return is_dictionary(seen, "GET", "PUT", "POST", "DELETE")


@on_wire("HTTP-5")
class NegativeIsUnknown(BadId):
    """A refresh with a negative id is 404."""

    texts = ("-1",)

    def concerns(self, seen: Seen) -> bool:
        return seen.path.endswith("refreshNativeViewJob")


@on_wire("HTTP-5")
class FractionIsCutOff(Wire):
    """The id 1.5 is read as 1 when a databricks handler is updated."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "databricks"):
            seen.path = seen.path.replace("/1.5", "/1")
        return None
