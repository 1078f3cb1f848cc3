"""No report of a failing run holds a secret, on a target that repeats every secret it is told in every spelling."""

import base64
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from immuta_contracts import run
from immuta_contracts.check import Check
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import QUICK
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.text import summary
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.target import InProcessMock
from immuta_contracts.world import World
from immuta_mock import Store, create_app
from immuta_mock.users import DEFAULT_USERS, User
from planting import Reply, Seen, Wire, tapped

pytestmark = pytest.mark.long

OWNER_KEY = 'Kq7/Own+er=8"&%41\\zZ-4417xyzzy'
PINNED_PASSWORD = 'pin"ned/Pass\\word+of=the&warehouse'
FILE_TEXT = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
FILE_CONTENT = base64.b64encode(FILE_TEXT.encode()).decode()
ONLY = "AUTH-1,AUTH-2,HTTP-8,COMP-1,CREATE-1,UPDATE-1,GET-3,ERR-1"
EVERY_SECRET = re.compile(rb'"(?:password|content|apikey|token)": *"((?:[^"\\]|\\.)+)"')


def spellings(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text, written apart from the code that is tested."""
    halves = secret[: len(secret) // 2], secret[len(secret) // 2 :]
    for text in (secret, secret.swapcase(), *(halves if secret == OWNER_KEY else ())):
        escaped = json.dumps(text)[1:-1]
        yield from {text, escaped, json.dumps(escaped)[1:-1], repr(text)[1:-1], escape(text), escape(text, quote=False)}
        yield from {quote(text, safe=""), quote(text), quote_plus(text), quote_plus(text).lower()}
    for before in (b"", b"u", b"u:"):
        middle = base64.b64encode(before + secret.encode()).decode().rstrip("=")[4:-2]
        yield from {middle, middle.replace("+", "-").replace("/", "_")}


class Gossip(Wire):
    """Tells in every answer, under other names, what it was told of late; databricks is out of order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.tokens: list[str] = []

    def answer(self, seen: Seen, reply: Reply) -> None:
        self.told += [seen.headers["authorization"]] if "authorization" in seen.headers else []
        self.told += [json.loads(b'"' + found + b'"') for found in EVERY_SECRET.findall(seen.body)]
        if isinstance(reply.json, dict) and isinstance(reply.json.get("token"), str):
            self.tokens.append(reply.json["token"])
        if "databricks" in seen.path.split("/"):
            reply.status, reply.json = 500, {"statusCode": 500, "error": "x", "message": "out of order"}
        if isinstance(reply.json, dict):
            latest = list(dict.fromkeys(self.told[-4:]))
            reply.json["gossip"] = [spelled for each in latest for spelled in spellings(each)]
            reply.json["message"] = f"{reply.json.get('message', '')} {latest}"
            reply.headers["x-gossip"] = quote(str(latest))


def shows_everything(w: World) -> None:
    metadata = w.metadata(
        password=PINNED_PASSWORD, userFiles=[{"keyName": "k", "content": FILE_CONTENT, "userFilename": "k.pem"}]
    )
    w.make(metadata=metadata)
    answer, issued = w.client.token()
    w.call("GET", "/dataSource", authorization=f"bearer {issued['token']}", role=None)
    for nearly in (OWNER_KEY[:-1], OWNER_KEY[len(OWNER_KEY) // 2 :], OWNER_KEY.swapcase(), f"Basic {OWNER_KEY}"):
        w.call("GET", "/dataSource", authorization=nearly, role=None)
    w.broken(f"nothing of {metadata} and {issued}", answer.text)


def cannot_begin(w: World) -> None:
    w.note(f"noted {OWNER_KEY}")
    w.cannot(f"{PINNED_PASSWORD} and {FILE_CONTENT} and {OWNER_KEY}")


@pytest.fixture
def gossip() -> Gossip:
    return Gossip()


@pytest.fixture
def contract(gossip: Gossip) -> Iterator[Contract]:
    users = (User("owner", OWNER_KEY, 2, DEFAULT_USERS[0].permissions), *DEFAULT_USERS[1:])
    target = InProcessMock(tapped(create_app(Store(users, token_lifetime=timedelta(seconds=2))), gossip))
    target.keys = {user.name.replace(" ", "_"): user.key for user in users}
    yield Contract(target, profile=QUICK, seed=5)
    target.close()


def test_no_report_holds_a_secret(
    contract: Contract, gossip: Gossip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    own = [
        (Check("everything_is_shown", "promises", "DICT-7", shows_everything, once=True), None),
        (Check("nothing_begins", "promises", "DICT-8", cannot_begin, once=True), None),
    ]
    progress = io.StringIO()
    result = run.run(contract, [*run.plan(contract, ONLY), *own], progress)
    whole = run.document(contract, result)
    write_all(whole, tmp_path / "reports")
    texts = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*.*") if path.is_file()}
    texts |= {"terminal": summary(whole) + progress.getvalue()}
    assert sorted(texts) == [
        *("failures.har", "junit.xml", "report.html", "run.json", "step.md", "summary.md", "terminal"),
    ]
    verdicts = {promise["id"]: promise["verdict"] for promise in whole["promises"]}
    assert (verdicts["DICT-7"], verdicts["DICT-8"], verdicts["HTTP-8"]) == ("broken", "not tried", "broken")
    secrets = {OWNER_KEY, PINNED_PASSWORD, FILE_CONTENT, FILE_TEXT, PASSWORD, *gossip.tokens}
    assert len(gossip.tokens) > 1
    leaks = [
        (name, secret, spelled)
        for name, text in texts.items()
        for secret in secrets
        for spelled in spellings(secret)
        if spelled in text
    ]
    assert leaks == []
