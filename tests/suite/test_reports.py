"""What people read of a run with something of everything: fence, trouble, drift, known deviations, shards."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from archives import faults
from immuta_contracts.reports.account import TIMES
from junit_format import strange
from reported import SECRETS, Reported, goes_away, reported

UNAUTHORIZED = "searchDictionaryColumns, createDictionary, updateDictionary, getDictionary, deleteDictionary"
SEARCH = "`searchText` is optional and matches anywhere in the name, whatever the letter case."
UNMEASURED = ("blocked", "dns", "connect", "ssl")
NUMBERED = re.compile(r"(?<=h)\d+(?=contract1z)", re.IGNORECASE)  # shortening a failure uses numbers up


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    with reported(tmp_path_factory.mktemp("run")) as run:
        yield run


def words(fragment: str) -> str:
    """What a reader sees of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", fragment)).split())


def definitions(page: str) -> dict[str, list[str]]:
    """The terms of all definition lists, with what is said of each."""
    found = re.findall(r"<dt>(.*?)</dt>((?:\s*<dd>.*?</dd>)+)", page, re.DOTALL)
    return {words(term): [words(each) for each in re.findall(r"<dd>(.*?)</dd>", said)] for term, said in found}


def found_in(page: str, pattern: str) -> list[str]:
    return [words(each) for each in re.findall(pattern, page, re.DOTALL)]


def account(run: Reported) -> dict[str, list[str]]:
    """What the reports are to say of fence and trouble; how often each was met is told by the document."""
    fence, trouble = run.whole["fence"], run.whole["trouble"]
    return {
        "mode": ["own"],
        "passed": [f"{fence['passed']} requests"],
        "kept back before they were sent": [f"{each['count']} {TIMES} {each['reason']}" for each in fence["refused"]],
        "left behind on the target": ["nothing"],
        "trouble met": [f"2 {TIMES} 503", f"1 {TIMES} no answer"],
        "requests on the wire": [f"{trouble['sent']}, {trouble['retries']} of them sent again"],
        "given up": ["0 requests"],
        "waited": [f"{trouble['waited_seconds']:g} s"],
    }


def test_the_run_met_everything_that_the_reports_are_to_show(run: Reported) -> None:
    assert (run.code, run.whole["counts"]) == (1, {"kept": 2, "broken": 3, "not tried": 1})
    assert {each["reason"] for each in run.whole["fence"]["refused"]} == {
        "a write to a path that names no data source and is no documented operation",
        "a bulk update that does not say which data sources it is for",
        "a write to what is neither the run's own nor shown not to exist",
    }
    assert run.whole["trouble"]["trouble"] == {"503": 2, "no answer": 1}


def test_the_page_says_how_each_promise_stands(run: Reported) -> None:
    page = run.text("report.html")
    assert found_in(page, r"<h1>(.*?)</h1>") == ["1 promise broken"]
    tiles = found_in(page, r'<ul class="tiles">(.*?)</ul>')
    assert tiles == ["2 kept 1 broken 1 advisory 1 known 1 not tried"]
    assert found_in(page, r'<tr data-standing=.*?<th scope="row">(.*?) <span class="says">') == [
        "ERR-1 advisory [inferred] advisory",
        "ERR-7 not tried [docs][inferred]",
        "GET-1 kept [ref]",
        "DICT-5 kept [ref]",
        "SEARCH-2 broken [ref][inferred]",
        "COMP-4 known [docs][client]",
    ]
    assert found_in(page, r'<details class="failure.*?<summary>(.*?)</summary>') == [
        "SEARCH-2 on asa, redshift broken",
        f"ERR-1 on {UNAUTHORIZED} broken, but only advisory here",
        *["COMP-4 on asa, redshift broken, a known deviation"] * 2,
    ]
    assert "<code>immuta-contract replay run.json SEARCH-2</code>" in page
    others = found_in(page, r'<details class="other">\s*<summary>(.*?)</summary>')
    named = UNAUTHORIZED.split(", ")[1:]
    assert others == ["And on redshift", *(f"And on {name}" for name in named), *["And on redshift"] * 2]


def test_the_page_gives_account_of_fence_trouble_and_circumstances(run: Reported) -> None:
    environment = run.whole["environment"]
    assert definitions(run.text("report.html")) == {
        **account(run),
        "seed": ["1"],
        "profile": ["quick"],
        "asked for": [run.whole["only"]],
        "connectors in scope": ["asa, redshift"],
        "a broken promise fails the run if it is": ["[ref], [docs]"],
        "judged by": [f"Immuta V1 API - connect your data 1.0.0, sha256 {environment['spec']['sha256'][:12]}"],
        "on": [f"Python {environment['python']}, {environment['platform']}"],
        "with": [f"{name} {version}" for name, version in environment["packages"].items()],
    }


def test_the_page_lists_drift_and_known_deviations(run: Reported) -> None:
    page = run.text("report.html")
    times = run.whole["drift"][0]["count"]
    assert found_in(page, r'<table class="drift">.*?<tbody>(.*?)</tbody>') == [f"getRedshiftHandler200legacyId{times}"]
    assert found_in(page, r'<ul class="deviations">(.*?)</ul>') == [
        "COMP-4: known until 2999-01-31: deleted is a number, ticket 12 DICT-5: kept by now: remove it"
    ]
    assert (
        found_in(page, r'<p class="note">(.*?)</p>')
        == ["Known deviation: COMP-4: known until 2999-01-31: deleted is a number, ticket 12"] * 2
    )


def test_the_summary_is_markdown_that_says_the_same(run: Reported) -> None:
    cost = f"{run.whole['requests']} requests in {run.whole['seconds']:.1f} s"
    tally = f"2 promises kept, 3 broken (1 advisory, 1 known), 1 not tried; {cost}; seed 1"
    unauthorized = (
        "an error with statusCode 401, error 'Unauthorized' and a message "
        '| 401: {"statusCode": "401", "error": "Unauthorized", '
        '"message": "A valid Authorization token must be provided."}'
    )
    errors = "Every error body has `statusCode` equal to the status, `error` with its reason phrase, and `message`."
    same = "Reading by id and by name gives the same object with `id`, `name`, `deleted` and `blobHandler.url`."
    why = (
        "no API key of the role reader: set IMMUTA\\_API\\_KEY\\_READER; "
        "no API key of the role second\\_owner: set IMMUTA\\_API\\_KEY\\_SECOND\\_OWNER"
    )
    wanted = (
        "\\['HContract1Z', 'HEADHCONTRACT1ZTAIL', 'hcontract1z-ÉÑЖ-éñж-中😀-AbC', 'hcontract1zTail', "
        "'hEADHCONTRACT1Z'\\]"
    )
    expected = [
        "## ❌ 1 promise broken",
        "",
        f"{tally}. Target `{run.url}`, profile quick.",
        "",
        "| promise | verdict | on | it says | expected | seen |",
        "| --- | --- | --- | --- | --- | --- |",
        (
            f"| SEARCH-2 | broken | asa, redshift | {SEARCH} [ref][inferred] "
            f"| the search for 'hcontract1z' as it is to find "
            f'{wanted} | \\["hcontract1z-ÉÑЖ-éñж-中😀-AbC", "hcontract1zTail"\\] |'
        ),
        f"| ERR-1 | advisory | {UNAUTHORIZED} | {errors} [inferred] | {unauthorized} |",
        (
            f"| COMP-4 | known | asa, redshift | {same} [docs][client] "
            "| deleted of the data source read by id to be false | 0 (and 1 more in the report) |"
        ),
        "",
        "<details><summary>1 not tried</summary>",
        "",
        "| promise | why |",
        "| --- | --- |",
        f"| ERR-7 | {why} |",
        "",
        "</details>",
        "",
        "### Seen, but not documented",
        "",
        "| operation | status | field | times |",
        "| --- | --- | --- | --- |",
        f"| getRedshiftHandler | 200 | `legacyId` | {run.whole['drift'][0]['count']} |",
        "",
        "### Known deviations",
        "",
        "- COMP-4: known until 2999-01-31: deleted is a number, ticket 12",
        "- DICT-5: kept by now: remove it",
        "",
        "<details><summary>Fence, and trouble on the way</summary>",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {name} | {'<br>'.join(said)} |" for name, said in account(run).items()),
        "",
        "</details>",
    ]
    assert NUMBERED.sub("", run.text("summary.md")).splitlines() == expected


def test_the_junit_report_is_as_ci_servers_read_it(run: Reported) -> None:
    written = run.text("junit.xml")
    assert strange(written) == []
    cases = {str(case.get("name")).split()[0]: case for case in fromstring(written)}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "ERR-1": ["skipped", "system-out"],
        "ERR-7": ["skipped"],
        "GET-1": [],
        "DICT-5": ["system-out"],
        "SEARCH-2": ["failure", "failure"],
        "COMP-4": ["skipped", "system-out"],
    }
    assert cases["DICT-5"][0].text == "DICT-5: kept by now: remove it"


def test_the_archive_is_har_with_a_page_for_each_failure(run: Reported) -> None:
    archive: dict[str, Any] = json.loads(run.text("failures.har"))
    log = archive["log"]
    assert faults(archive) == []
    assert [page["title"].partition(":")[0] for page in log["pages"]][:3] == [
        "SEARCH-2 [asa]",
        "SEARCH-2 [redshift]",
        "ERR-1 [searchDictionaryColumns]",
    ]
    recorded = run.whole["promises"][-2]["failures"][0]["requests"]
    assert [entry["pageref"] for entry in log["entries"]][:3] == ["failure_0", "failure_0", "failure_1"]
    search = recorded[1]
    text = search["request"]["target"].partition("searchText=")[2].partition("&")[0]
    milliseconds, size = search["milliseconds"], search["answer_bytes"]
    assert log["entries"][1] == {
        "pageref": "failure_0",
        "startedDateTime": search["started"],
        "time": milliseconds,
        "request": {
            "method": "GET",
            "url": f"{run.url}/dictionary/columns?searchText={text}&limit=1000",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "Authorization", "value": "${IMMUTA_API_KEY}"}],
            "queryString": [{"name": "searchText", "value": text}, {"name": "limit", "value": "1000"}],
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": name, "value": value} for name, value in search["answer_headers"]],
            "content": {"size": size, "mimeType": "application/json", "text": search["answer"]},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0} | dict.fromkeys(UNMEASURED, -1),
        "comment": search["curl"],
    }


def test_curl_lines_carry_the_extra_headers_of_the_target_file(run: Reported) -> None:
    lines = [each["curl"] for each in run.whole["promises"][-2]["failures"][0]["requests"]]
    assert all('-H "X-Gateway-Token: $GATEWAY_TOKEN"' in line for line in lines)
    assert len(lines) == 2


def test_reports_say_why_a_run_was_ended_early(tmp_path: Path) -> None:
    with reported(tmp_path, "--outage-seconds", "1", trouble=goes_away) as run:
        page, summary = run.text("report.html"), run.text("summary.md")
    reason = "tenant unavailable: it answered 429 and asked to wait 9000 s"
    assert (run.code, run.whole["left_behind"]) == (0, definitions(page)["left behind on the target"])
    assert f"<p>The run was ended early: {reason}" in page
    assert definitions(page)["ended early"][0].startswith(reason)
    assert f"**Ended early:** {reason}" in summary


def test_the_reports_of_a_shard_say_which_part_they_are(tmp_path: Path) -> None:
    with reported(tmp_path, "--shard", "1/2", "--only", "DICT-5,GET-1") as run:
        page, summary = run.text("report.html"), run.text("summary.md")
    assert definitions(page)["shard"] == ["1 of 2: the others have the rest"]
    assert "; seed 1, shard 1/2." in summary.splitlines()[2]


def test_no_report_holds_a_secret_of_the_environment(run: Reported) -> None:
    texts = {path.name: path.read_text("utf-8") for path in run.folder.iterdir()}
    assert sorted(texts) == ["failures.har", "junit.xml", "report.html", "run.json", "summary.md"]
    assert [name for name, text in texts.items() if any(secret in text for secret in SECRETS.values())] == []
