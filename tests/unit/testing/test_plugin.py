"""The pytest plugin, as another project has it: its fixtures, what it adds to a failure, and what it does not cost."""

import pytest

pytest_plugins = ["pytester"]

FRESH = """
import pytest

@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("fixture", ["immuta_mock", "immuta_mock_server"])
def test_it(request, fixture, number):
    immuta = request.getfixturevalue(fixture)
    assert immuta.control.health()["dataSources"] == 0
    metadata = {"hostname": "h", "database": "d"}
    immuta.control.load({"dataSources": [{"connector": "asa", "name": "Seeded", "metadata": metadata}]})
    assert immuta.client().get("/dataSource").json()["count"] == 1
"""


FAILING = """
import pytest

def test_it(immuta_mock_server, immuta_mock):
    body = {"handler": {"metadata": {"password": "s3cret"}}}
    immuta_mock.session().post(f"{immuta_mock.base_url}/snowflake/handler", json=body)
    immuta_mock.client("reader").get("/datasource", params={"q": immuta_mock.key})
    immuta_mock.called("getDataSource")

@pytest.fixture
def seeded(immuta_mock):
    immuta_mock.client().get("/dataSource/7").raise_for_status()

def test_that(seeded):
    pass

def test_well(immuta_mock):
    immuta_mock.client().get("/dataSource/8")
"""


@pytest.mark.parametrize("processes", [0, 2])
def test_tenants_are_fresh_and_a_failure_shows_the_last_requests_without_secrets(
    pytester: pytest.Pytester, processes: int
) -> None:
    pytester.makepyfile(test_fresh=FRESH, test_failing=FAILING)

    result = pytester.runpytest_subprocess("-W", "error", "--tb=short", "-n", str(processes))

    result.assert_outcomes(passed=17, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "*- Immuta mock (immuta_mock_server) -*",
            "no request has come",
            "1. POST /snowflake/handler -> 400; Bad request: *",
            "2. GET /datasource[?]q=[[]redacted[]] -> 404; Not Found; nearest: GET /dataSource (listDataSources)",
            "1. GET /dataSource/7 -> 404; Data source not found.",
            "E   AssertionError: expected at least 1 time(s) a call with operation getDataSource, seen 0 among *",
        ]
    )
    assert "s3cret" not in (told := result.stdout.str())
    assert "owner-key" not in told
    assert "verifyJournal" not in told  # the traceback ends where the test calls
    assert "/dataSource/8" not in told


def test_the_document_may_be_another_one(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef immuta_mock_overlays():\n    return ['strict']\n"
    )
    pytester.makepyfile(
        "def test_it(immuta_mock, immuta_mock_server):\n"
        "    for immuta in (immuta_mock, immuta_mock_server):\n"
        "        answer = immuta.client().post('/snowflake/handler', json={'handler': {}, 'dataSource': {}})\n"
        "        assert '$.dataSource.organization is missing' in answer.json()['message']\n"
    )

    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_who_does_not_use_it_does_not_load_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n\n"
        "def test_it():\n"
        "    assert 'pytest_immuta_mock' in sys.modules\n"
        "    assert not {'immuta_mock', 'connexion'} & set(sys.modules)\n\n"
        "def test_fails():\n"
        "    raise AssertionError\n"
    )

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*Immuta mock*")


def test_its_fixtures_are_told(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--fixtures")

    result.stdout.fnmatch_lines_random(
        [
            "immuta_mock -- *",
            "    A fresh tenant of a mock in this process.",
            "immuta_mock_server -- *",
            "immuta_mock_tls_server -- *",
            "immuta_mock_overlays [[]session scope[]] -- *",
        ]
    )
