"""The proxy as people use it: a client before it, a mock behind it, all in processes of their own on loopback."""

import io
import json
import signal
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from defects import DEFECTS
from immuta_contracts import run
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import Profile
from immuta_contracts.target import MOCK_KEYS, Tenant
from immuta_mock import Store, create_app
from immuta_mock.cli import main
from planting import planted
from running import OWNER_KEY, Running, Start, starting
from trouble import serving

SMALL = Profile("small", examples=1, conformance=1, workflows=1, sequences=1, steps=10, subjects=1, operations=1)
PASSWORD = "pa55word-of-the-warehouse"
CERTIFICATE = "c2VjcmV0LWNlcnRpZmljYXRl"
COLUMNS = [
    {"name": "ID", "dataType": "numeric(38,0)", "remoteType": "number(38,0)", "isPrimaryKey": True, "nullable": False},
    {"name": "MAIL", "dataType": "text", "remoteType": "varchar", "tags": [{"name": "Pii", "source": "curated"}]},
]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


def entries(path: Path) -> list[Any]:
    found: list[Any] = json.loads(path.read_bytes())["log"]["entries"]
    return found


def metadata(table: str, **more: Any) -> dict[str, Any]:
    base = {"hostname": "db.example", "port": 443, "username": "loader", "password": PASSWORD, "database": "SALES"}
    return {**base, "schema": "CRM", "table": table, **more}


def one(name: str, *, fields: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    settings = {"blobHandler": {"scheme": "https", "url": ""}, "blobHandlerType": "Any", "recordFormat": "json"}
    named = {"type": "queryable", "name": name, "sqlTableName": name.lower(), **(fields or {})}
    return {"handler": {"metadata": metadata(name, **more)}, "dataSource": {**settings, **named}}


def several(*names: str) -> dict[str, Any]:
    settings = {"blobHandlerType": "Any", "recordFormat": "", "type": "queryable", "category": "Many"}
    return {"handler": [{"metadata": metadata(name, dataSourceName=name)} for name in names], "dataSource": settings}


# What it tells


def test_the_defects_of_a_tenant_are_told_once_each_with_their_promises(start: Start, tmp_path: Path) -> None:
    names = (
        "SearchAnswersNames",
        "StatusCodeIsText",
        "CreatedIs201",
        "HandlerShowsThePassword",
        "DictionariesArePublic",
    )
    with serving(planted(Store(), *(DEFECTS[name] for name in names))) as tenant:
        proxy = start("proxy", "--to", tenant.url, "--allow-writes", "--quiet")
        for number in range(2):
            made = proxy.call("POST", "/snowflake/handler", one(f"One {number}", columns=COLUMNS))[1]
            proxy.call("GET", f"/snowflake/handler/{made['id']}")
            proxy.call("GET", "/dictionary/columns")
            proxy.call("GET", f"/dictionary/{made['dataSourceId']}", Authorization="")
            proxy.call("GET", "/dictionary/9999")
        told = proxy.stop().splitlines()
    first = [line for line in told if " answered " in line and " x " not in line]
    assert {line.split()[0] for line in first} == {DEFECTS[name].promise for name in names}
    assert first == [
        "HTTP-2    createSnowflakeDataSource: answered 201: an undocumented status",
        "HTTP-8    getSnowflakeHandler: answered 200: $.metadata.password holds a password",
        "SEARCH-1  searchDictionaryColumns: answered 200: $[*].columnName is missing (a string)",
        "AUTH-1    getDictionary: answered 200: a call without Authorization is to be answered 401",
        "ERR-1     getDictionary: answered 404: $.statusCode is not an integer from 400 to 599",
    ]
    assert told[told.index(first[-1]) + 1 :] == [
        "",
        "Requests: 10 answered, 0 kept back, 0 without an answer; kinds of deviation: 5 of the tenant, 0 of the client",
        *(f"     2 x {line}" for line in first),
    ]
    assert len(entries(tmp_path / "recorded.har")) == 10


@pytest.mark.long
def test_a_mock_without_defects_keeps_its_promises_through_the_proxy(start: Start, tmp_path: Path) -> None:
    proxy = start("proxy", "--to", start("--quiet").url, "--allow-writes", "--quiet")
    tenant = Tenant(proxy.url, MOCK_KEYS)
    contract = Contract(tenant, profile=SMALL, seed=3)
    rulings = run.run(contract, run.plan(contract, None)[::3], io.StringIO()).rulings
    tenant.close()
    assert {ruling.promise.id: ruling.verdict for ruling in rulings if ruling.verdict != "kept"} == {}
    summary = proxy.stop().splitlines()
    totals = next(line for line in summary if line.startswith("Requests: "))
    assert " 0 kept back, 0 without an answer; kinds of deviation: 0 of the tenant, " in totals
    assert len(entries(tmp_path / "recorded.har")) == int(totals.split()[1])


def test_no_secret_is_in_what_it_says_and_records(start: Start, tmp_path: Path) -> None:
    mock = start("--quiet")
    proxy = start("proxy", "--to", mock.url, "--allow-writes")
    token = proxy.call("POST", "/bim/apikey/authenticate", {"apikey": OWNER_KEY})[1]["token"]
    files = [{"keyName": "cert", "content": CERTIFICATE, "userFilename": "c.pem"}]
    made = proxy.call("POST", "/asa/handler", one("A", userFiles=files), Authorization=f"Bearer {token}")[1]
    proxy.call("PUT", f"/asa/handler/{made['id']}", {"handler": {"metadata": metadata("B", userFiles=5)}})
    proxy.call("GET", f"/asa/handler/{made['id']}?token={token}&password={PASSWORD}")
    proxy.call("GET", f"/{token}/{OWNER_KEY}")
    proxy.call("POST", "/bim/apikey/authenticate", {"apikey": 5, "password": PASSWORD})
    everything = proxy.stop() + (tmp_path / "recorded.har").read_text()
    assert len(entries(tmp_path / "recorded.har")) == 6
    assert [word for word in (token, OWNER_KEY, PASSWORD, CERTIFICATE) if word in everything] == []


# How it stands


def test_a_tenant_behind_tls_is_reached_with_its_authority_alone(start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(create_app(), tls=context) as tenant:
        trusting = start("proxy", "--to", tenant.url, "--no-har", "--quiet", "--ca-bundle", str(tmp_path / "ca.pem"))
        wary = start("proxy", "--to", tenant.url, "--no-har", "--quiet")
        assert trusting.call("GET", "/dataSource") == (200, {"hits": [], "count": 0})
        status, answer = wary.call("GET", "/dataSource")
    assert (status, "CERTIFICATE_VERIFY_FAILED" in answer["message"]) == (502, True)
    assert not (tmp_path / "recorded.har").exists()


def test_clients_that_only_speak_https_are_served(start: Start, tmp_path: Path) -> None:
    proxy = start("proxy", "--to", start("--quiet").url, "--no-har", "--quiet", "--tls-ca", "ca.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    answer = httpx.get(f"{proxy.url}/dataSource", headers={"Authorization": OWNER_KEY}, verify=trusting)
    assert (answer.url.scheme, answer.json()) == ("https", {"hits": [], "count": 0})


def test_requests_at_once_are_forwarded_and_recorded_each(start: Start, tmp_path: Path) -> None:
    proxy = start("proxy", "--to", start("--quiet").url, "--allow-writes", "--quiet")

    def make(number: int) -> tuple[int, str]:
        made = proxy.call("POST", "/trino/handler", one(f"Source {number}"))[1]
        status, found = proxy.call("GET", f"/trino/handler/{made['id']}")
        return status, found["metadata"]["dataSourceName"]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(make, range(64)))
    assert found == [(200, f"Source {number}") for number in range(64)]
    assert proxy.call("GET", "/dataSource?size=1")[1]["count"] == 64
    assert len(entries(tmp_path / "recorded.har")) == 129
    assert proxy.stop(signal.SIGINT).splitlines()[-1].endswith("kinds of deviation: 0 of the tenant, 0 of the client")


def test_an_archive_is_continued_by_the_next_proxy(start: Start, tmp_path: Path) -> None:
    mock = start("--quiet")
    for count in (1, 2):
        proxy = start("proxy", "--to", mock.url, "--quiet", "--har", "a.har")
        proxy.call("GET", "/dataSource")
        proxy.stop()
        assert len(entries(tmp_path / "a.har")) == count
    assert "Records   a.har, continued after 1\n" in proxy.said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--to", "acme"], "--to is no URL of a tenant; give one like https://acme.immuta.example"),
        ([], "the following arguments are required: --to"),
        (["--to", "https://acme.example", "--timeout", "0"], "'0' is no time; give a number of seconds above 0"),
        (["--to", "https://acme.example", "--overlay", "no.yaml"], "no.yaml: cannot be read"),
        (["--to", "https://acme.example", "--har", "."], "--har . cannot be written: Is a directory"),
    ],
)
def test_what_cannot_begin_ends_with_one_line_and_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code: Any = main(["proxy", "--port", "0", *options])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert (code, said.out, said.err.count("\n"), reason in said.err) == (2, "", 1, True)


# The state of a mock out of what was recorded


def work(tenant: Running) -> None:
    """Make, change and remove data sources in every way there is."""
    options: dict[str, Any] = {
        "fields": {"private": False, "description": "d", "format": "unknown"},
        "columns": COLUMNS,
    }
    made = {
        c: tenant.call("POST", f"/{c}/handler", one(f"{c} one", **options))[1] for c in ("asa", "trino", "redshift")
    }
    tenant.call("POST", "/databricks/handler", several("Rivers", "Lakes"))
    tenant.call("POST", "/snowflake/handler", {**several("Alone"), "schemaEvolution": {"disabled": True}, "extra": 1})
    files = [{"keyName": "cert", "content": CERTIFICATE, "userFilename": "c.pem"}]
    renamed = metadata("t", dataSourceName="renamed", userFiles=files, columns=COLUMNS[:1], odd={"a": [1, None]})
    tenant.call("PUT", f"/asa/handler/{made['asa']['id']}", {"handler": {"metadata": renamed}})
    tenant.call("PUT", f"/trino/handler/{made['trino']['id']}/triggerHighCardinalityJob")
    tenant.call("DELETE", f"/dictionary/{made['redshift']['dataSourceId']}")
    tenant.call("PUT", f"/dataSource/{made['trino']['dataSourceId']}", {"description": "new", "private": True})
    tenant.call("DELETE", f"/dataSource/{made['redshift']['dataSourceId']}")
    gone = tenant.call("POST", "/trino/handler", one("Gone"))[1]["dataSourceId"]
    tenant.call("POST", f"/dictionary/{gone}", {"metadata": COLUMNS})
    for _ in range(2):
        tenant.call("DELETE", f"/dataSource/{gone}")
    bulk = {"handler": {"metadata": {"database": "OTHER"}}, "connectionString": "loader@db.example:443/SALES"}
    tenant.call("PUT", "/databricks/bulk", bulk)
    lakes = tenant.call("GET", "/dataSource/name/Lakes")[1]["id"]
    tenant.call("POST", f"/dictionary/{lakes}", {"metadata": COLUMNS})
    tenant.call("PUT", f"/dictionary/{lakes}", {"metadata": COLUMNS[::-1]})


def everything(tenant: Running) -> dict[str, tuple[int, Any]]:
    """All that can be read of all data sources, by the path it was read from."""
    listed = tenant.call("GET", "/dataSource")
    found = {"/dataSource": listed}
    for hit in listed[1]["hits"]:
        whole = tenant.call("GET", f"/dataSource/{hit['id']}")
        for path in (whole[1]["blobHandler"]["url"], f"/dictionary/{hit['id']}"):
            found[path] = tenant.call("GET", path)
        found[f"/dataSource/{hit['id']}"] = whole
    return found


def test_a_mock_seeded_from_an_archive_answers_as_the_tenant_did(start: Start) -> None:
    mock = start("--quiet")
    work(mock)
    proxy = start("proxy", "--to", mock.url, "--quiet")
    recorded = everything(proxy)
    proxy.stop()
    seeded = start("--quiet", "--seed-from", "recorded.har")
    # contents of files are secrets, so that the archive does not have them
    known = json.loads(json.dumps(recorded).replace(CERTIFICATE, "[redacted]"))
    assert json.loads(json.dumps(everything(seeded))) == known
    assert len(known) == 1 + 3 * 6
    assert "left out" not in seeded.said


def test_a_mock_seeded_from_writes_alone_has_what_they_made(start: Start) -> None:
    proxy = start("proxy", "--to", start("--quiet").url, "--quiet", "--allow-writes")
    work(proxy)
    lasting = everything(start("--quiet", "--seed-from", "recorded.har"))
    proxy_saw = everything(proxy)
    assert plain(lasting) == json.loads(json.dumps(plain(proxy_saw)).replace(CERTIFICATE, "[redacted]"))


def plain(found: dict[str, tuple[int, Any]]) -> dict[str, Any]:
    """Handlers, by the name of their data source, without what only the tenant knew: ids, and what a job found."""
    handlers = [answer for path, (_, answer) in found.items() if "/handler/" in path]
    for each in handlers:
        each["metadata"].pop("highCardinality", None)
    return {each["metadata"]["dataSourceName"]: {**each, "id": 0, "dataSourceId": 0} for each in handlers}


def test_what_was_not_seen_whole_is_left_out_with_a_line(start: Start) -> None:
    mock = start("--quiet")
    made = [mock.call("POST", "/trino/handler", one(name))[1] for name in ("Seen", "Unseen")]
    proxy = start("proxy", "--to", mock.url, "--quiet")
    proxy.call("GET", "/dataSource")
    proxy.call("GET", f"/trino/handler/{made[0]['id']}")
    seeded = start("--seed-from", "recorded.har")
    assert "recorded.har: data source 2 'Unseen' is left out: its handler was not read\n" in seeded.said
    assert [hit["name"] for hit in seeded.call("GET", "/dataSource")[1]["hits"]] == ["Seen"]
