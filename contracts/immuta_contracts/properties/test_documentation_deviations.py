"""The promise that companions are marked and every departure from the reference is named (DOC-7)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from immuta_contracts.check import promise
from immuta_contracts.connectors import C4, C5
from immuta_contracts.descriptions import Document, operations, passages, plain, says, texts
from immuta_contracts.world import World

REFERENCE = r"\b(reference|deviat|print|guide|vendor|documentation)"
MARKED = (
    r"\bcompanions?\b|\bnot (a )?part of the reference|\bnot in the reference|\b(outside|beside)( of)? the reference"
)


def reference_operations() -> Iterator[tuple[str, str]]:
    """The 34 operations of the reference."""
    for connector in C5:
        handler = f"/{connector.prefix}/handler"
        yield "POST", handler
        yield "GET", f"{handler}/{{handlerId}}"
        yield "PUT", f"{handler}/{{handlerId}}"
        yield "PUT", f"/{connector.prefix}/bulk"
        yield "PUT", f"{handler}/{{handlerId}}/triggerHighCardinalityJob"
    for connector in C4:
        yield "PUT", f"/{connector.prefix}/handler/{{handlerId}}/refreshNativeViewJob"
    for method in ("POST", "PUT", "GET", "DELETE"):
        yield method, "/dictionary/{dataSourceId}"
    yield "GET", "/dictionary/columns"


@promise("DOC-7", once=True)
def test_operations_outside_the_reference_are_marked_as_companions(w: World) -> None:
    document, inside = w.routes.document, set(reference_operations())
    for (method, path), operation in operations(document).items():
        marked = operation.get("x-companion", False)
        outside = (method, path) not in inside
        mark = "marked" if outside else "not marked"
        w.expect_equal(marked, outside, f"x-companion of {method} {path}, which has to be {mark} as a companion")
        told = [text for text in texts(document, operation) if says(text, (MARKED,))]
        w.expect(bool(told) or not outside, f"a description to mark {method} {path} as a companion", "none that does")


@dataclass(frozen=True)
class Deviation:
    """One departure from the reference: the operations it concerns, by method and path, and what names it."""

    what: str
    concerned: str
    patterns: tuple[str, ...]

    def concerns(self, method: str, path: str) -> bool:
        return re.fullmatch(self.concerned, f"{method} {path}") is not None


CREATE, GET, BULK = r"POST /\w+/handler", r"GET /\w+/handler/{handlerId}", r"PUT /\w+/bulk"
JOBS = r"PUT /\w+/handler/{handlerId}/\w+Job"
NOT_ASA = r"(trino|snowflake|databricks|redshift)"
SEVERAL = r"\barrays?\b"

DEVIATIONS = (
    Deviation("handlerId is part of the path", r"\w+ .*{handlerId}.*", (r"^handlerid:", r"\bquery\b", r"\bpath\b")),
    Deviation("dataSourceId is part of the path", r"\w+ /dictionary/{dataSourceId}", (r"\bquery\b", r"\bpath\b")),
    Deviation("the flat payload table is `dataSource`", CREATE, (r"\btable\b", r"\b(flat|nest)", r"\bdatasource\b")),
    Deviation("blobHandler is an object or an array", CREATE, (r"^blobhandler:", SEVERAL, r"\bobject\b")),
    Deviation("GET answers one object, not an array", GET, (SEVERAL, r"\b(one|single|an|the) (\w+ )?object\b")),
    Deviation("GET answers no `value` on asa", GET.replace(r"\w+", "asa", 1), (r"\bvalue\b", r"\bobject\b")),
    Deviation(
        "the tables of asa's PUT are not followed",
        r"PUT /asa/handler/{handlerId}",
        (r"\bdatasourceid\b", SEVERAL, r"\b(required|body)\b", r"\b(other|same|elsewhere)"),
    ),
    Deviation("asa's bulk has no handler id", r"PUT /asa/bulk", (r"\bhandler ?ids?\b", r"\bconnection ?string")),
    Deviation("bulkId is an integer on asa", r"PUT /asa/bulk", (r"^bulkid:", r"\binteger\b", r"\bstring\b")),
    Deviation(
        "bulk answers the string after the update (asa)", r"PUT /asa/bulk", (r"^connectionstring:", r"\bspecified\b")
    ),
    Deviation(
        "bulk answers the string after the update",
        BULK.replace(r"\w+", NOT_ASA),
        (r"^connectionstring:", r"\bshare", r"\b(after|new|updated)\b"),
    ),
    Deviation(
        "a dictionary body is an object",
        r"(POST|PUT) /dictionary/{dataSourceId}",
        (SEVERAL, r"\bobject\b", r"\bmetadata\b"),
    ),
    Deviation(
        "metadata of a dictionary holds columns",
        r"(POST|PUT|GET) /dictionary/{dataSourceId}",
        (r"^metadata:", r"\bstrings\b", r"\bcolumns?\b"),
    ),
    Deviation(
        "the 403 text says delete everywhere", r"(POST|PUT) /dictionary/{dataSourceId}", (r"^403:", r"\bdelete\b")
    ),
    Deviation("handler id 30 of trino's job has no meaning", r"PUT /trino/.*triggerHighCardinalityJob", (r"\b30\b",)),
    Deviation("MS SQL has no meaning", CREATE, (r"\bms sql\b",)),
    Deviation("a job answers a JSON string", JOBS, (r"\bcharacters\b", r"\bstring\b", r"\buuid\b")),
)


@promise("DOC-7", once=True)
def test_each_deviation_is_named_in_the_description_it_concerns(w: World) -> None:
    said = all_texts(w.routes.document)
    for deviation in DEVIATIONS:
        for each in [each for each in reference_operations() if deviation.concerns(*each)]:
            named = any(says(text, (*deviation.patterns, REFERENCE)) for text in said.get(each, ()))
            w.expect(named, f"a description of {' '.join(each)} to say that {deviation.what}", "none that does")


def all_texts(document: Document) -> dict[tuple[str, str], list[str]]:
    return {key: texts(document, operation) for key, operation in operations(document).items()}


@promise("DOC-7", once=True)
def test_the_tables_without_headings_are_named(w: World) -> None:
    info = w.routes.document.get("info", {})
    said = passages(plain(str(info.get("description", ""))))
    patterns = (r"\bheading|\buntitled\b|\bcaption", r"\btables\b", r"\bdatabricks\b", r"\bredshift\b", REFERENCE)
    told = any(says(passage, patterns) for passage in said)
    w.expect(
        told, "the description of the document to say what the tables without headings are", "no passage that does"
    )
