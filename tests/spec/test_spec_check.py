"""`make spec`: it passes on the documents as they are, and each rule is seen to find what it is for."""

import copy
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from immuta_mock import spec_check, spec_rules
from immuta_mock.spec_check import RULES, Rule, check, documents_are_valid, load_subject
from immuta_mock.spec_rules import Subject

Document = dict[str, Any]


@pytest.fixture(scope="module")
def sound() -> Subject:
    return load_subject()


def spoilt(sound: Subject, part: str, spoil: Callable[[Document], object]) -> Subject:
    """The sound subject with one document changed; the whole changes with the reference."""
    parts = ("reference", "merged") if part == "reference" else (part,)
    changed = {name: copy.deepcopy(getattr(sound, name)) for name in parts}
    for document in changed.values():
        spoil(document)
    return replace(sound, **changed)


def create(document: Document) -> Document:
    operation: Document = document["paths"]["/trino/handler"]["post"]
    return operation


def answered(document: Document) -> Document:
    media: Document = create(document)["responses"]["200"]["content"]["application/json"]
    return media


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def test_the_documents_keep_every_rule(sound: Subject) -> None:
    assert {rule.__name__: list(rule(sound)) for rule in RULES} == {rule.__name__: [] for rule in RULES}


BROKEN: list[tuple[Rule, str, Callable[[Document], object], str]] = [
    (documents_are_valid, "merged", lambda d: create(d).pop("responses"), "merged: paths > /trino/handler > post: "),
    (
        documents_are_valid,
        "strict",
        lambda d: d.update(openapi="3.1.0"),
        "strict: openapi is '3.1.0', expected is '3.0.3'",
    ),
    (
        spec_rules.paths_are_the_references,
        "reference",
        lambda d: d["paths"].pop("/redshift/bulk"),
        "PUT /redshift/bulk: is missing",
    ),
    (
        spec_rules.paths_are_the_references,
        "reference",
        lambda d: d["paths"]["/trino/bulk"].update(post=create(d)),
        "POST /trino/bulk: is not in the reference",
    ),
    (
        spec_rules.operation_ids_read_as_methods,
        "merged",
        lambda d: create(d).update(operationId="createAsaDataSource"),
        "createAsaDataSource: is there more than once",
    ),
    (
        spec_rules.operation_ids_read_as_methods,
        "merged",
        lambda d: create(d).update(operationId="Create_trino"),
        "Create_trino: is no lowerCamelCase name",
    ),
    (
        spec_rules.operation_ids_read_as_methods,
        "merged",
        lambda d: create(d).pop("operationId"),
        "POST /trino/handler: is no lowerCamelCase name",
    ),
    (spec_rules.handlers_agree, "merged", lambda d: create(d).update(operationId="makeOne"), "makeOne: has no handler"),
    (
        spec_rules.handlers_agree,
        "merged",
        lambda d: d["paths"].pop("/dictionary/columns"),
        "searchDictionaryColumns: is a handler without an operation",
    ),
    (
        spec_rules.promises_agree,
        "merged",
        lambda d: d["paths"]["/jobs"]["get"].update({"x-promises": ["COMP-7"]}),
        "listJobs: claims COMP-7, which is no promise",
    ),
    (
        spec_rules.promises_agree,
        "merged",
        lambda d: d["paths"]["/bim/rpc/user/current"]["get"].update({"x-promises": []}),
        "COMP-2: no operation claims it",
    ),
    (
        spec_rules.promises_agree,
        "merged",
        lambda d: create(d)["x-promises"].remove("AUTH-1"),
        "createTrinoDataSource: does not claim AUTH-1",
    ),
    (spec_rules.promises_agree, "merged", lambda d: d["x-promises"].append("DOC-8"), "the document: claims DOC-8"),
    (spec_rules.tags_are_the_guides, "reference", lambda d: d["tags"].pop(), "the tags are Azure Synapse Analytics, "),
    (
        spec_rules.tags_are_the_guides,
        "merged",
        lambda d: create(d).update(tags=["Trino"]),
        "createTrinoDataSource: needs exactly one of the tags that are declared and described",
    ),
    (
        spec_rules.everything_is_described,
        "merged",
        lambda d: create(d).pop("summary"),
        "createTrinoDataSource: has no summary",
    ),
    (
        spec_rules.everything_is_described,
        "merged",
        lambda d: d["components"]["parameters"]["Limit"].pop("description"),
        "searchDictionaryColumns, limit: has no description",
    ),
    (
        spec_rules.everything_is_described,
        "merged",
        lambda d: create(d).update(responses={"200": {"description": "Made."}}),
        "createTrinoDataSource: has no 4xx answer",
    ),
    (
        spec_rules.everything_is_described,
        "merged",
        lambda d: schema(d, "ReturnedMetadata")["allOf"][1]["properties"]["highCardinality"].pop("description"),
        "/components/schemas/ReturnedMetadata/allOf/1/properties/highCardinality: has no description",
    ),
    (
        spec_rules.bodies_are_named,
        "merged",
        lambda d: answered(d).update(schema={"type": "object"}),
        "createTrinoDataSource, 200 as application/json: the schema is not a reference to a named one",
    ),
    (
        spec_rules.bodies_are_named,
        "merged",
        lambda d: schema(d, "Dictionary").update(additionalProperties=False),
        "/components/schemas/Dictionary: is closed, additional fields have to be tolerated",
    ),
    (
        spec_rules.examples_are_there,
        "merged",
        lambda d: d["components"]["parameters"]["Limit"].pop("example"),
        "searchDictionaryColumns, limit: has no example",
    ),
    (
        spec_rules.examples_are_there,
        "merged",
        lambda d: answered(d).pop("examples"),
        "createTrinoDataSource, 200 as application/json: has no example",
    ),
    (
        spec_rules.examples_are_there,
        "merged",
        lambda d: d["components"]["examples"].update(left={"value": 1}),
        "example left: is used nowhere",
    ),
    (
        spec_rules.examples_fit,
        "merged",
        lambda d: d["components"]["examples"]["trinoHandler"]["value"]["metadata"].update(password="s3cret"),
        "getTrinoHandler, 200 as application/json, trinoHandler: {} is not allowed for",
    ),
    (
        spec_rules.examples_fit,
        "merged",
        lambda d: d["components"]["parameters"]["Limit"].update(example=0),
        "searchDictionaryColumns, limit, example: 0 is less than the minimum of 1 at $.",
    ),
    (
        spec_rules.examples_fit,
        "merged",
        lambda d: schema(d, "Column").update(example={"name": "a", "dataType": "text"}),
        '/components/schemas/Column, example: "remoteType" is a required property at $.',
    ),
    (
        spec_rules.examples_fit,
        "strict",
        lambda d: d["components"]["examples"]["trinoUpdate"]["value"].pop("connectionString"),
        'strict: updateTrinoHandler, body as application/json, trinoUpdate: "connectionString" is a required property',
    ),
    (
        spec_rules.links_lead_somewhere,
        "merged",
        lambda d: d["components"]["links"]["getTrinoHandler"].update(operationId="readTrino"),
        "createTrinoDataSource, 200, link getTrinoHandler: leads to 'readTrino', which is no operation",
    ),
    (
        spec_rules.links_lead_somewhere,
        "merged",
        lambda d: d["components"]["links"]["getTrinoHandler"].update(parameters={"id": "$response.body#/id"}),
        "createTrinoDataSource, 200, link getTrinoHandler: getTrinoHandler has no parameter 'id'",
    ),
    (
        spec_rules.marks_are_the_references,
        "merged",
        lambda d: schema(d, "DataSourceSettings")["properties"]["private"].pop("x-documented-required"),
        "DataSourceSettings.private: is not marked",
    ),
    (
        spec_rules.marks_are_the_references,
        "merged",
        lambda d: schema(d, "Column")["properties"]["tags"].update({"x-documented-required": True}),
        "Column.tags: is marked without need",
    ),
    (
        spec_rules.strict_requires_all,
        "strict",
        lambda d: schema(d, "DataSourceSettings")["required"].remove("private"),
        "SharedDataSource.private: is not required",
    ),
    (
        spec_rules.strict_requires_all,
        "strict",
        lambda d: schema(d, "BulkByConnectionString").pop("not"),
        "BulkUpdate: takes a body with ids",
    ),
]


@pytest.mark.parametrize(("rule", "part", "spoil", "fault"), BROKEN)
def test_each_rule_finds_what_it_is_for(
    sound: Subject, rule: Rule, part: str, spoil: Callable[[Document], object], fault: str
) -> None:
    faults = list(rule(spoilt(sound, part, spoil)))

    assert any(found.startswith(fault) for found in faults), faults


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, *_ in BROKEN} == set(RULES)


def test_a_broken_rule_is_printed_with_its_faults_and_counted(
    sound: Subject, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = check(spoilt(sound, "reference", lambda document: document["paths"].pop("/redshift/bulk")))

    lines = capsys.readouterr().out.splitlines()
    at = lines.index("BROKEN  openapi.yaml holds exactly the 34 operations of the reference.")
    assert lines[at + 1] == "          PUT /redshift/bulk: is missing"
    assert broken == sum(line.startswith("BROKEN") for line in lines)
    assert lines[-1] == f"{len(RULES) - broken} of {len(RULES)} rules are kept."


def test_the_command_ends_with_0_when_every_rule_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert spec_check.main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{len(RULES)} of {len(RULES)} rules are kept."


def test_the_command_ends_with_1_when_the_handlers_cannot_be_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "immuta_mock.handlers", None)

    assert spec_check.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("spec: the handlers of the mock cannot be imported: ")
    assert error.count("\n") == 1
