"""A body is read as any reader may read it: what cannot be told of it is said to be illegible."""

import pytest

from immuta_contracts.bodies import Selection, is_legible, names_sent, numbers, selection_in

PREFIX = "contract-7-"


@pytest.mark.parametrize(
    ("body", "legible"),
    [
        (b"", True),
        (b"null", True),
        (b"handler", True),
        (b"<a/>", True),
        (b'{"handler": 1}', True),
        (b"\xef\xbb\xbf{'handler': 1}", True),
        (b"handler: 1", False),
        (b"handler=1", False),
        (b"<handler/>", False),
        (b'"name": "x"', False),
    ],
)
def test_what_is_not_even_nearly_json_may_hold_nothing_of_interest(body: bytes, legible: bool) -> None:
    assert is_legible(body) == legible


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b'{"dataSource": {"name": "a", "name": "b"}}', ["a", "b"]),
        (b'{"handler": {"metadata": {"columns": [{"name": "c"}], "dataSourceName": "a"}}}', ["a"]),
        (b'{"metadata": [{"name": "c", "tags": [{"name": "t"}]}]}', []),
        (b'{"dataSource": {"name": "\\u0061"},}', ["a"]),
        (b'{"handler": [{"metadata": {"columns": [{"name": "c"', []),
        (b'[{"x": 1, "name": "contract-7-1"}', ["contract-7-1", "contract-7-1"]),
    ],
)
def test_names_are_those_of_data_sources_and_not_of_columns(body: bytes, names: list[str]) -> None:
    assert names_sent(body, PREFIX) == names


@pytest.mark.parametrize(
    ("body", "selection"),
    [
        (b'{"ids": [1]}', None),
        (b'{"handler": {}, "ids": [1, true, null, "2 or 3", 4.0]}', Selection((), ("1", "1", "2", "3", "4", "0"))),
        (b'{"handler": {}, "connectionString": {"in": ["a", 7]}}', Selection(("a", "7"), ())),
        (b'{"handler": {"metadata": {"ids": [9]}}}', Selection((), ("9",))),
        (b"{handler: {}, ids: [1, 2", Selection((), ("1", "2"))),
        (b"[" * 100_000 + b'{"handler": {}, "ids": 1', Selection((), ("1",))),
        (b'{"handler": {}, "x": ' + b"9" * 5000 + b', "ids": [1]}', Selection((), ("1",))),
    ],
)
def test_a_selection_is_found_however_it_is_written(body: bytes, selection: Selection | None) -> None:
    assert selection_in(body) == selection


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", ["7"]),
        ("007", ["7"]),
        ("1.5e3", ["1", "5", "3", "1500"]),
        ("0x10", ["0", "10", "16"]),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", ["7"]),
        ("-7", ["7"]),
        ("a7b8", ["7", "8"]),
        ("9" * 5000, ["9" * 5000]),
        ("none", []),
    ],
)
def test_a_number_is_found_however_it_is_spelled(text: str, found: list[str]) -> None:
    assert numbers(text) == found
