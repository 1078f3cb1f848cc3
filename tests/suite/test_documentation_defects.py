"""A document that lacks one of the facts it promises to state breaks that promise and no other DOC promise."""

import json
import re
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import pytest

from immuta_contracts.check import Check
from immuta_contracts.contract import Contract
from immuta_contracts.properties.test_documentation_deviations import DEVIATIONS, Deviation, reference_operations
from immuta_contracts.run import checks
from immuta_contracts.target import InProcessMock, document

Document = dict[str, Any]
Change = Callable[[Document], Document]


@pytest.fixture(scope="module")
def target() -> Iterator[InProcessMock]:
    mock = InProcessMock()
    yield mock
    mock.close()


def broken_promises(target: InProcessMock, changed: Document) -> set[str]:
    """The DOC promises that a document breaks."""
    contract = Contract(target, spec=changed)
    about_words = [check for check in checks() if (check.promise or "").startswith("DOC-")]
    return {promise for check in about_words for promise in _broken(contract, check)}


def _broken(contract: Contract, check: Check) -> Iterator[str]:
    for subject in check.subjects(contract.routes):
        outcome = contract.judge(check, subject)
        if outcome.verdict == "broken":
            yield str(check.promise)


def reworded(old: str, new: str) -> Change:
    """Replaces a pattern in every text; white space in the pattern stands for any, line breaks included."""
    pattern = re.compile(old.replace(" ", r"\s+"))

    def change(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: change(value) for key, value in node.items()}
        if isinstance(node, list):
            return [change(value) for value in node]
        return pattern.sub(new, node) if isinstance(node, str) else node

    return change


def edited(edit: Callable[[Document], object]) -> Change:
    """Changes a copy of the document in place."""

    def change(original: Document) -> Document:
        copy: Document = json.loads(json.dumps(original))
        edit(copy)
        return copy

    return change


def one_by_one(*changes: Change) -> Change:
    return lambda document: reduce(lambda changed, change: change(changed), changes, document)


def at(path: str, method: str) -> Callable[[Document], Document]:
    return lambda document: document["paths"][path][method]


def tag(document: Document, name: str) -> Document:
    found: Document = next(each for each in document["tags"] if each["name"] == name)
    return found


CREATE_ASA, CREATE_TRINO = at("/asa/handler", "post"), at("/trino/handler", "post")
LOGIN, BULK_ASA = at("/bim/apikey/authenticate", "post"), at("/asa/bulk", "put")

LACKING: list[tuple[str, str, Change]] = [
    ("DOC-1", "audience", reworded(r"data owners", "everybody")),
    ("DOC-1", "connecting", reworded(r"connect tables of a remote platform to Immuta as data sources", "use tables")),
    ("DOC-1", "dictionaries", reworded(r"manage the data dictionaries", "look at the columns")),
    ("DOC-1", "another API", reworded(r"V2 API", "user interface")),
    ("DOC-1", "managing by V2", reworded(r"created and managed with", "created with")),
    ("DOC-1", "creating by V2", reworded(r"created and managed with", "managed with")),
    ("DOC-1", "V2 denied", reworded(r"can also be created and managed with", "cannot be created or managed with")),
    ("DOC-2", "name of the trino group", reworded(r"^Starburst \(Trino\)$", "Trino")),
    ("DOC-2", "one group for two guides", edited(lambda d: CREATE_TRINO(d).update(tags=["Redshift"]))),
    ("DOC-2", "operation without group", edited(lambda d: BULK_ASA(d).pop("tags"))),
    ("DOC-2", "operation in two groups", edited(lambda d: BULK_ASA(d)["tags"].append("Snowflake"))),
    ("DOC-2", "a seventh group", edited(lambda d: d["tags"].append({"name": "Spare", "description": "Nothing."}))),
    ("DOC-2", "undeclared group", edited(lambda d: d["tags"].remove(tag(d, "Redshift")))),
    ("DOC-2", "group without purpose", edited(lambda d: tag(d, "Databricks").update(description=""))),
    ("DOC-2", "another's purpose", edited(lambda d: tag(d, "Redshift").update(tag(d, "Databricks"), name="Redshift"))),
    ("DOC-2", "dictionary without purpose", edited(lambda d: tag(d, "Data dictionary").pop("description"))),
    ("DOC-2", "merged groups", reworded(r"^Redshift$", "Snowflake")),
    ("DOC-3", "imported databases", reworded(r"Tables of imported databases are not supported", "Tables of databases")),
    ("DOC-3", "supported", reworded(r"imported databases are not supported", "imported databases are supported")),
    ("DOC-3", "the way out", reworded(r"[:.] [Mm]ake a view of \w+( a)? table and register the view", "")),
    (
        "DOC-3",
        "registering the view",
        reworded(r"[Mm]ake (a view of \w+( a)? table) and register the view", r"make \1"),
    ),
    ("DOC-4", "cluster", reworded(r"Immuta-enabled Spark cluster", "Spark")),
    ("DOC-4", "READ_METADATA", reworded(r"`READ_METADATA` and `SELECT`", "`SELECT`")),
    ("DOC-4", "SELECT", reworded(r"`READ_METADATA` and `SELECT`", "`READ_METADATA`")),
    ("DOC-4", "table ACLs", reworded(r" \(notably where table access control lists are on\)", "")),
    ("DOC-4", "white list", reworded(r"a place in the allow list `immuta\.spark\.acl\.whitelist`, or", "or")),
    ("DOC-4", "another list", reworded(r"immuta\.spark\.acl\.whitelist", "immuta.spark.acl.allowlist")),
    ("DOC-4", "administrators", reworded(r", or the rights of a workspace administrator", "")),
    ("DOC-5", "SELECT", reworded(r"`SELECT`, `USE CATALOG`", "`USE CATALOG`")),
    ("DOC-5", "USE CATALOG", reworded(r"`USE CATALOG` and ", "")),
    ("DOC-5", "USE SCHEMA", reworded(r"`USE CATALOG` and `USE SCHEMA` on the parent", "`USE CATALOG` on the parent")),
    ("DOC-5", "parents", reworded(r" on the parent catalogs and schemas", "")),
    ("DOC-5", "schemas", reworded(r"the parent catalogs and schemas", "the parent catalogs")),
    ("DOC-5", "information schema", reworded(r", and `USE SCHEMA` on `system\.information_schema`", "")),
    ("DOC-5", "of another catalog", reworded(r"`system\.information_schema`", "`information_schema`")),
    ("DOC-6", "platform", reworded(r"Azure Unity Catalog", "Unity Catalog")),
    ("DOC-6", "single user", reworded(r"one user or one service principal", "a service principal")),
    ("DOC-6", "service principal", reworded(r"one user or one service principal", "one user")),
    ("DOC-6", "groups", reworded(r", not a group", "")),
    ("DOC-6", "consequence", reworded(r"; otherwise data policies cannot be applied", "")),
    ("DOC-7", "companion unmarked", edited(lambda d: LOGIN(d).pop("x-companion"))),
    ("DOC-7", "reference operation marked", edited(lambda d: CREATE_ASA(d).update({"x-companion": True}))),
    (
        "DOC-7",
        "companions in no words",
        one_by_one(reworded(r"Companions", "Others"), reworded(r"Not part of the ref[^.]*\.", "")),
    ),
    ("DOC-7", "tables at the end", reworded(r"Deviation: the tables that the reference prints at its end [^.]*\.", "")),
    ("DOC-7", "handlerId", reworded(r"the reference lists it among the query parameters; it is part of", "it is in")),
    (
        "DOC-7",
        "payload table",
        reworded(r"Deviation: the reference prints these fields as one flat [^.]*\.", ""),
    ),
    ("DOC-7", "blobHandler", reworded(r"the reference types it as an array of objects, its calls show an object;", "")),
    ("DOC-7", "GET", reworded(r"the reference types this answer as an array of objects, and on Azure [^.]*\.", "")),
    ("DOC-7", "GET of asa", reworded(r", and on Azure Synapse Analytics as a `value`", "")),
    ("DOC-7", "PUT of asa", reworded(r"the tables of the reference name `dataSourceId` and an array `body`", "")),
    ("DOC-7", "bulk of asa", reworded(r"a sentence of the reference speaks of a handler id in the payload;", "")),
    ("DOC-7", "bulkId", reworded(r"Kept as printed: the reference gives an integer [^.]*\.", "")),
    ("DOC-7", "string specified", reworded(r"the reference calls it the one that was specified", "")),
    ("DOC-7", "string shared", reworded(r"the reference calls it the one that the data sources share", "")),
    ("DOC-7", "dictionary body", reworded(r"the reference types the body as an array of objects;", "")),
    ("DOC-7", "dictionary metadata", reworded(r"the reference types this as an array of strings;", "")),
    ("DOC-7", "403 text", reworded(r"Kept as printed: the text says \S+ on create and update too\.", "")),
    ("DOC-7", "example id", reworded(r"the example call of the reference carries handler id 30", "the example")),
    ("DOC-7", "MS SQL", reworded(r"the `MS SQL` of the reference is an example", "it is an example")),
    ("DOC-7", "job answer", reworded(r"the reference speaks of a string of characters;", "")),
]


@pytest.mark.parametrize(("promise", "change"), [pytest.param(p, c, id=f"{p}: {what}") for p, what, c in LACKING])
def test_a_document_without_the_fact_breaks_its_promise_alone(
    target: InProcessMock, promise: str, change: Change
) -> None:
    changed = change(document())
    assert changed != document(), "the change found nothing to change"
    assert broken_promises(target, changed) == {promise}


REWORDED: list[tuple[str, Change]] = [
    ("audience", reworded(r"For \*\*data owners\*\*: connect", "Written for every data owner who wants to connect")),
    (
        "V2",
        reworded(
            r"Data sources can also be created and managed with Immuta's V2 API",
            "The V2 API creates and manages data sources as well",
        ),
    ),
    (
        "imported databases",
        reworded(
            r"Tables of imported databases are not supported[:.] [Mm]ake a view of [^.]* register the view",
            "You cannot register a table of an imported database. Create a view over it, then register this view",
        ),
    ),
    ("cluster", reworded(r"whoever exposes tables needs one of", "exposing tables takes any of")),
    ("catalog", reworded(r"the credentials that register need", "register with an account that has")),
    (
        "ownership",
        reworded(
            r"one user or one service principal has to own each table, not a group; otherwise data policies cannot be",
            "tables must be owned by a single user or a service principal rather than a group, else policies cannot be",
        ),
    ),
    (
        "path",
        reworded(
            r"the reference lists it among the query parameters; it is part of the path",
            "printed under the query parameters, in truth a piece of the path",
        ),
    ),
    ("purpose", reworded(r"Connect tables of", "Register the tables of")),
]


@pytest.mark.parametrize("change", [pytest.param(change, id=what) for what, change in REWORDED])
def test_other_words_for_the_same_fact_keep_the_promises(target: InProcessMock, change: Change) -> None:
    changed = change(document())
    assert changed != document(), "the change found nothing to change"
    assert broken_promises(target, changed) == set()


def test_the_operations_of_the_reference_are_34() -> None:
    assert len(set(reference_operations())) == 34


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.what)
def test_each_deviation_concerns_an_operation(deviation: Deviation) -> None:
    concerned = [each for each in reference_operations() if deviation.concerns(*each)]
    assert concerned
