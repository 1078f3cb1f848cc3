"""What a refusal says: what was wrong, where, and what would be right; all of it, and no secret."""

from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., tuple[int, Any]]
Change = Callable[[dict[str, Any]], object]

TYPES = 'one of "queryable", "ingested"'


def reasons(call: Call, method: str, target: str, body: Any) -> list[str]:
    status, answer = call(method, target, body)
    assert status == 400
    message: str = answer["message"]
    return message.removeprefix("Bad request: ").removesuffix(".").split("; ")


def setting(*path: Any) -> Change:
    """Set the member at a path to the last of the arguments."""
    *way, name, value = path

    def change(body: Any) -> None:
        for step in way:
            body = body[step]
        body[name] = value

    return change


def removing(*path: Any) -> Change:
    """Remove the member at a path."""
    *way, name = path

    def change(body: Any) -> None:
        for step in way:
            body = body[step]
        del body[name]

    return change


METADATA = ("handler", "metadata")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (removing("handler"), "$.handler is missing (an object or an array of at least 1)"),
        (removing("dataSource"), "$.dataSource is missing (an object)"),
        (setting("handler", 5), "$.handler is 5, expected an object or an array of at least 1"),
        (setting("handler", []), "$.handler is an array of 0, expected an array of at least 1"),
        (setting("handler", "metadata", None), "$.handler.metadata is null, expected an object"),
        (removing(*METADATA, "hostname"), "$.handler.metadata.hostname is missing (a non-empty string)"),
        (setting(*METADATA, "hostname", ""), '$.handler.metadata.hostname is "", expected a non-empty string'),
        (setting(*METADATA, "port", 0), "$.handler.metadata.port is 0, expected an integer from 1 to 65535"),
        (setting(*METADATA, "port", 443.0), "$.handler.metadata.port is 443.0, expected an integer from 1 to 65535"),
        (setting(*METADATA, "port", True), "$.handler.metadata.port is true, expected an integer from 1 to 65535"),
        (
            setting(*METADATA, "ssl", "yes"),
            '$.handler.metadata.ssl is "yes", expected true or false or one of "true", "false"',
        ),
        (removing(*METADATA, "table"), "$.handler.metadata.table is missing (it or query is needed)"),
        (setting(*METADATA, "table", ""), '$.handler.metadata.table is "", expected a non-empty string'),
        (setting(*METADATA, "table", 5), "$.handler.metadata.table is 5, expected a string"),
        (setting(*METADATA, "eventTime", 5), "$.handler.metadata.eventTime is 5, expected a string or null"),
        (setting(*METADATA, "userFiles", {}), "$.handler.metadata.userFiles is an empty object, expected an array"),
        (
            setting(*METADATA, "columns", 0, "tags", [{"name": "x", "deleted": 5}]),
            "$.handler.metadata.columns[0].tags[0].deleted is 5, expected true or false or a string",
        ),
        (setting("dataSource", "type", "view"), f'$.dataSource.type is "view", expected {TYPES}'),
        (setting("dataSource", "private", "no"), '$.dataSource.private is "no", expected true or false'),
        (setting("dataSource", "blobHandler", "x"), '$.dataSource.blobHandler is "x", expected an object or an array'),
        (setting("dataSource", "blobHandler", [{}]), "$.dataSource.blobHandler[0].scheme is missing (a string)"),
    ],
)
def test_a_fault_is_told_with_its_place_and_its_remedy(
    call: Call, create_body: dict[str, Any], change: Change, reason: str
) -> None:
    change(create_body)

    assert reasons(call, "POST", "/snowflake/handler", create_body) == [reason]


def test_all_faults_of_a_body_are_told(call: Call) -> None:
    body = {"handler": {"metadata": {"port": "x", "query": ""}}, "dataSource": {"type": 1, "name": "", "owner": []}}

    assert sorted(reasons(call, "POST", "/redshift/handler", body)) == sorted(
        [
            '$.handler.metadata.port is "x", expected an integer from 1 to 65535',
            "$.handler.metadata.hostname is missing (a non-empty string)",
            "$.handler.metadata.database is missing (a non-empty string)",
            '$.handler.metadata.query is "", expected a non-empty string',
            f"$.dataSource.type is 1, expected {TYPES}",
            '$.dataSource.name is "", expected a non-empty string',
            "$.dataSource.owner is an array of 0, expected an object",
            "$.dataSource.blobHandler is missing (an object or an array)",
            "$.dataSource.blobHandlerType is missing (a non-empty string)",
            "$.dataSource.recordFormat is missing (a string)",
            "$.dataSource.sqlTableName is missing (a non-empty string)",
        ]
    )


def test_an_array_of_handlers_means_the_several_form(call: Call, create_body: dict[str, Any]) -> None:
    create_body["handler"] = [create_body["handler"], {"metadata": {}}]
    create_body["dataSource"] = {}

    assert sorted(reasons(call, "POST", "/asa/handler", create_body)) == sorted(
        [
            "$.handler[0].metadata.dataSourceName is missing (a non-empty string)",
            "$.handler[1].metadata.hostname is missing (a non-empty string)",
            "$.handler[1].metadata.database is missing (a non-empty string)",
            "$.handler[1].metadata.dataSourceName is missing (a non-empty string)",
            "$.handler[1].metadata.table is missing (it or query is needed)",
            "$.dataSource.blobHandlerType is missing (a non-empty string)",
            "$.dataSource.recordFormat is missing (a string)",
            f"$.dataSource.type is missing ({TYPES})",
        ]
    )


@pytest.mark.parametrize("several", [False, True])
def test_the_handler_decides_the_form_whatever_else_is_wrong(
    call: Call, create_body: dict[str, Any], several: bool
) -> None:
    create_body["handler"]["metadata"] |= {"dataSourceName": "Clients", "ssl": 7}
    handler = [create_body["handler"]] if several else create_body["handler"]

    assert sorted(reasons(call, "POST", "/asa/handler", {"handler": handler, "dataSource": 5})) == [
        "$.dataSource is 5, expected an object",
        f'$.handler{"[0]" if several else ""}.metadata.ssl is 7, expected true or false or one of "true", "false"',
    ]


PORT = "$.handler.metadata.port is 0, expected an integer from 1 to 65535"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, ["$.handler is missing (an object)", "$.connectionString is missing (it or ids is needed)"]),
        ({"handler": {"metadata": {}}}, ["$.connectionString is missing (it or ids is needed)"]),
        (
            {"handler": {"metadata": {}}, "ids": [1], "connectionString": "x"},
            ["$ is given with connectionString and ids, expected only one of them"],
        ),
        ({"handler": {"metadata": {"port": 0}}, "connectionString": "x"}, [PORT]),
        ({"handler": {"metadata": {"port": 0}}, "ids": [1]}, [PORT]),
        ({"handler": {"metadata": {}}, "connectionString": None}, ["$.connectionString is null, expected a string"]),
        ({"handler": {"metadata": {}}, "ids": []}, ["$.ids is an array of 0, expected an array of at least 1"]),
        ({"handler": {"metadata": {}}, "ids": ["1"]}, ['$.ids[0] is "1", expected an integer of 1 or more']),
        ([], ["$ is an array of 0, expected an object"]),
    ],
)
def test_a_bulk_update_is_told_by_the_selection_it_means(call: Call, body: Any, told: list[str]) -> None:
    assert reasons(call, "PUT", "/trino/bulk", body) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], ["$ is an array of 0, expected an object or an array of exactly 1"]),
        ("x", ['$ is "x", expected an object or an array of exactly 1']),
        ([{}], ["$[0].handler is missing (an object)"]),
        ({}, ["$.handler is missing (an object)"]),
        (
            [{"handler": {"metadata": {}}}, 5],
            [
                "$ is an array of 2, expected an array of exactly 1",
                "$[0].handler.metadata.hostname is missing (a non-empty string)",
                "$[0].handler.metadata.database is missing (a non-empty string)",
                "$[0].handler.metadata.table is missing (it or query is needed)",
                "$[1] is 5, expected an object",
            ],
        ),
    ],
)
def test_an_update_may_be_an_array_of_one_on_asa(call: Call, body: Any, told: list[str]) -> None:
    assert sorted(reasons(call, "PUT", "/asa/handler/1", body)) == sorted(told)


def test_secrets_are_not_repeated(call: Call, create_body: dict[str, Any]) -> None:
    metadata = create_body["handler"]["metadata"]
    metadata["password"] = ["hunter2"]
    metadata["userFiles"] = [{"keyName": "ca", "content": 271828, "userFilename": "ca.pem"}]

    assert reasons(call, "POST", "/snowflake/handler", create_body) == [
        "$.handler.metadata.userFiles[0].content is a value (not shown), expected a string (byte)",
        "$.handler.metadata.password is a value (not shown), expected a string",
    ]


def test_a_long_value_is_cut(call: Call, create_body: dict[str, Any]) -> None:
    create_body["dataSource"]["type"] = "x" * 500

    assert reasons(call, "POST", "/snowflake/handler", create_body) == [
        f'$.dataSource.type is "{"x" * 78}…, expected {TYPES}'
    ]


def test_of_very_many_faults_the_first_hundred_are_told_and_the_others_counted(call: Call) -> None:
    told = reasons(call, "PUT", "/dictionary/1", {"metadata": [5] * 300})

    assert (told[0], told[99], told[100:]) == (
        "$.metadata[0] is 5, expected an object",
        "$.metadata[99] is 5, expected an object",
        ["and 200 more"],
    )


VERY_LONG = "and perhaps more, for the arrays are very long"
COLUMN = {"name": "a", "dataType": "text", "remoteType": "text"}


@pytest.mark.parametrize(
    ("columns", "first", "length"),
    [
        ([5] * 200_000, "$.metadata[0] is 5, expected an object", 101),
        ([COLUMN] * 20_000 + [5], "$.metadata[20000] is 5, expected an object", 2),
        ([{**COLUMN, "tags": [5]}] * 2_000, "$.metadata[0].tags[0] is 5, expected an object", 2),
    ],
)
def test_a_very_long_body_is_told_soon_if_not_whole(call: Call, columns: Any, first: str, length: int) -> None:
    told = reasons(call, "PUT", "/dictionary/1", {"metadata": columns})

    assert (told[0], told[-1], len(told)) == (first, VERY_LONG, length)
