"""A file of known deviations is read strictly, and each entry covers the failures it names and no others."""

from datetime import date
from pathlib import Path

import pytest

from immuta_contracts.deviations import BadDeviations, Deviation, Place, place_of, read
from immuta_contracts.spec import Routes
from immuta_contracts.target import document

ROUTES = Routes(document())
ENTRY = '[[deviation]]\npromise = "UPDATE-2"\nreason = "merges, see ticket 12"\nexpires = 2027-01-31\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "deviations.toml"
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(BadDeviations) as refused:
        read(path, ROUTES)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(str(path))


def test_entries_are_read_in_their_order(tmp_path: Path) -> None:
    narrow = '[[deviation]]\npromise = "DICT-5"\noperation = "getDictionary"\nconnector = "asa"\n'
    path = written(tmp_path, f'{ENTRY}\n# a comment\n{narrow}reason = "r"\nexpires = "2026-12-01"\n')
    assert read(path, ROUTES) == (
        Deviation("UPDATE-2", "merges, see ticket 12", date(2027, 1, 31)),
        Deviation("DICT-5", "r", date(2026, 12, 1), "getDictionary", "asa"),
    )


def test_an_empty_file_lists_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "# nothing yet\n"), ROUTES) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("deviation", " is no TOML: "),
        ("[[deviations]]", ": the key 'deviations' is not known: write each entry as [[deviation]]"),
        ("deviation = 3", ": `deviation` is no list of tables: write each entry as [[deviation]]"),
        (ENTRY + 'expiry = "x"', ": deviation 1: the key 'expiry' is not known: did you mean 'expires'?"),
        (
            ENTRY.replace("UPDATE-2", "UPDAT-2"),
            ": deviation 1: the promise 'UPDAT-2' is not known: did you mean 'UPDATE-2'?",
        ),
        (
            ENTRY.replace("UPDATE-2", "dict-5"),
            ": deviation 1: the promise 'dict-5' is not known: did you mean 'DICT-5'?",
        ),
        (
            ENTRY + 'operation = "updateAsaHandlers"',
            ": deviation 1: the operation 'updateAsaHandlers' is not known: did you mean 'updateAsaHandler'?",
        ),
        (ENTRY + 'connector = "trinos"', ": deviation 1: the connector 'trinos' is not known: did you mean 'trino'?"),
        (
            ENTRY + ENTRY.replace('reason = "merges, see ticket 12"\n', ""),
            ": deviation 2 has no reason: each needs promise, reason, expires",
        ),
        (
            ENTRY.replace("merges, see ticket 12", " "),
            ": deviation 1: reason is ' ', expected a text that is not empty",
        ),
        (ENTRY.replace("2027-01-31", '"soon"'), ": deviation 1: expires is 'soon', no date: write it like 2027-01-31"),
        (ENTRY.replace("2027-01-31", "3"), ": deviation 1: expires is '3', no date: write it like 2027-01-31"),
        (
            ENTRY.replace("2027-01-31", "2027-01-31T00:00:00Z"),
            ": deviation 1: expires is '2027-01-31 00:00:00+00:00', no date: write it like 2027-01-31",
        ),
    ],
)
def test_a_slip_is_said_with_its_place_and_what_is_right(tmp_path: Path, text: str, says: str) -> None:
    assert refusal(tmp_path, text).startswith(says)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadDeviations, match=r"nowhere\.toml cannot be read: No such file"):
        read(tmp_path / "nowhere.toml", ROUTES)


def test_a_failure_is_on_the_last_operation_called_that_is_marked_with_the_promise() -> None:
    called = ["createAsaDataSource", "updateAsaHandler", None, "getDataSource"]
    assert place_of(ROUTES, "UPDATE-2", "asa", called) == Place("updateAsaHandler", "asa")


def test_a_failure_of_an_operation_is_on_it_whatever_was_called() -> None:
    assert place_of(ROUTES, "ERR-8", "getTrinoHandler", ["createTrinoDataSource"]) == Place("getTrinoHandler", "trino")


def test_a_failure_on_an_operation_of_no_connector_is_on_the_only_connector_called() -> None:
    assert place_of(ROUTES, "DICT-5", None, ["createRedshiftDataSource", "getDictionary"]) == Place(
        "getDictionary", "redshift"
    )
    assert place_of(
        ROUTES, "DICT-5", None, ["createRedshiftDataSource", "createAsaDataSource", "getDictionary"]
    ) == Place("getDictionary", None)


@pytest.mark.parametrize(
    ("narrowed", "covered"),
    [
        ({}, True),
        ({"operation": "getDictionary"}, True),
        ({"connector": "asa"}, True),
        ({"operation": "getDictionary", "connector": "asa"}, True),
        ({"operation": "updateDictionary"}, False),
        ({"connector": "trino"}, False),
        ({"operation": "getDictionary", "connector": "trino"}, False),
    ],
)
def test_an_entry_covers_what_it_is_narrowed_to(narrowed: dict[str, str], covered: bool) -> None:
    entry = Deviation("DICT-5", "r", date(2027, 1, 31), **narrowed)
    assert entry.covers(Place("getDictionary", "asa")) is covered
