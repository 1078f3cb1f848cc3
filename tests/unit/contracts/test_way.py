"""Curl lines go the way of the run: its CA, client certificate, proxy and headers; secrets come from variables."""

import json
import os
import ssl
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme

from immuta_contracts.client import Client
from immuta_contracts.exchange import Request
from immuta_contracts.reports.curl import curl
from immuta_contracts.reports.way import DIRECT, Way, way
from immuta_contracts.settings import Settings, Transport
from immuta_contracts.spec import Routes
from immuta_contracts.target import InProcessMock, document
from immuta_mock import Store, create_app
from proxies import USER, proxying
from trouble import serving

GATE = "g4teway-t0ken"
HEADERS = {"X-Gateway": GATE, "X-Team": "qa"}
SECRETS = {"GATEWAY_TOKEN": GATE, "PROXY_URL": "http://loader:pr0xy@proxy.example:3128"}


def way_of(**transport: Any) -> Way:
    return way(Settings(transport=Transport(**transport), secrets=SECRETS))


def test_nothing_is_added_where_the_target_is_reached_directly() -> None:
    assert way_of() == DIRECT


def test_files_are_named_and_values_are_read_from_variables() -> None:
    found = way_of(
        ca_bundle=Path("ca.pem"),
        client_certificate=Path("client.pem"),
        client_key=Path("client.key"),
        proxy="http://loader:pr0xy@127.0.0.1:3128",
        headers=HEADERS,
    )
    line = curl(Request("GET", "/x", (("x-team", "own"),)), "https://tenant.example", found)
    assert line == (
        "curl -sS https://tenant.example/x --cacert ca.pem --cert client.pem --key client.key "
        '--proxy http://127.0.0.1:3128 --proxy-user "$IMMUTA_PROXY_USER" '
        "-H 'x-team: own' -H \"X-Gateway: $GATEWAY_TOKEN\""
    )


@pytest.mark.parametrize(
    ("proxy", "options"),
    [
        ("http://proxy.example:3128", (("--proxy", "http://proxy.example:3128"),)),
        (SECRETS["PROXY_URL"], (("--proxy", "${PROXY_URL}"),)),
        (
            "https://a:b@c@proxy.example",
            (("--proxy", "https://proxy.example"), ("--proxy-user", "${IMMUTA_PROXY_USER}")),
        ),
    ],
)
def test_the_user_of_a_proxy_stands_apart(proxy: str, options: tuple[tuple[str, str], ...]) -> None:
    assert way_of(proxy=proxy).options == options


def test_a_header_that_no_variable_was_named_for_has_one_by_its_name() -> None:
    assert way_of(headers=HEADERS).headers == (("X-Gateway", "${GATEWAY_TOKEN}"), ("X-Team", "${IMMUTA_HEADER_X_TEAM}"))


def test_the_line_reaches_a_tenant_behind_a_proxy_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    authority, bundle, context = trustme.CA(), tmp_path / "ca.pem", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(bundle))
    with serving(create_app(Store()), tls=context) as tenant, proxying() as proxy:
        found = way_of(ca_bundle=bundle, proxy=proxy.url(), headers=HEADERS)
        request = Request("GET", "/dataSource", (("Authorization", "${IMMUTA_API_KEY}"),))
        secrets = {"IMMUTA_API_KEY": "owner-key-local-only", "IMMUTA_PROXY_USER": USER, "GATEWAY_TOKEN": GATE}
        line = curl(request, tenant.url, found)
        environment = {"PATH": os.environ["PATH"], **secrets, "IMMUTA_HEADER_X_TEAM": "qa"}
        done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, check=True, text=True)
        received = tenant.received[-1].headers
    assert json.loads(done.stdout) == {"hits": [], "count": 0}
    assert proxy.seen == [tenant.url.removeprefix("https://")]
    assert {name: received[name.lower()] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("secrets", [{}, {"CORP_PROXY": "http://loader:pr0xy-pass@proxy.acme.example:3128"}])
def test_a_target_with_an_address_like_that_of_the_proxy_keeps_it(secrets: dict[str, str]) -> None:
    transport = Transport(proxy="http://loader:pr0xy-pass@proxy.acme.example:3128")
    settings = Settings(transport=transport, secrets=secrets)
    with closing(InProcessMock()) as target:
        mask = Client(target, Routes(document()), settings).redactor.mask
    assert mask("https://immuta.acme.example:3128/x") == "https://immuta.acme.example:3128/x"
    for told in ("pr0xy-pass", "loader:pr0xy-pass", "bG9hZGVyOnByMHh5LXBhc3M="):
        assert told[:-4] not in mask(f"it said {told}")
