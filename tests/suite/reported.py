"""A contract run with something of everything, for the tests of reports: real requests over a real socket.

The mock has planted defects, shows a field that no document names, holds other people's data, and is in
trouble now and then.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import foreign
from defects import DEFECTS
from immuta_contracts.cli import main
from immuta_contracts.target import InProcessMock
from immuta_mock import Store
from planting import Reply, Seen, Wire, planted, tapped
from trouble import Misstep, Received, Trouble, serving

SECRETS = {"IMMUTA_API_KEY": "owner-key-local-only", "GATEWAY_TOKEN": "g4teway-t0ken"}
PLANTED = ("search_minds_letter_case", "DeletedIsANumber", "StatusCodeIsText")
ONLY = "SEARCH-2,COMP-4,ERR-1,ERR-7,DICT-5,GET-1"
TARGET = """\
[connector.asa]
[connector.redshift]

[transport.headers]
X-Gateway-Token = { env = "GATEWAY_TOKEN" }
"""
DEVIATIONS = """\
[[deviation]]
promise = "COMP-4"
reason = "deleted is a number, ticket 12"
expires = 2999-01-31

[[deviation]]
promise = "DICT-5"
reason = "mended in spring"
expires = 2999-01-31
"""


class Drifts(Wire):
    """Shows a field that no document names."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "redshift") and reply.status == 200:
            reply.json["legacyId"] = 7


def in_trouble() -> Trouble:
    """A burst of 503 and a reset, met by reads."""
    missteps = [Misstep(503, {"Retry-After": "0"}), Misstep(503, {"Retry-After": "0"}), Misstep()]
    return lambda received: missteps.pop(0) if missteps and received.number > 30 and received.method == "GET" else None


def goes_away(received: Received) -> Misstep | None:
    """A tenant that soon wants to be left alone."""
    return Misstep(429, {"Retry-After": "9000"}) if received.number > 40 else None


@dataclass(frozen=True)
class Reported:
    """The exit code of a run, the folder with its reports, its document, and the address that still answers."""

    code: int
    folder: Path
    whole: dict[str, Any]
    url: str

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


@contextmanager
def reported(folder: Path, *argv: str, trouble: Trouble | None = None) -> Iterator[Reported]:
    """The run in a folder of its own; further options of it may be given."""
    app: Any = planted(Store(), *(DEFECTS[name] for name in PLANTED))
    with closing(InProcessMock(app)) as theirs:
        foreign.settle(foreign.observer(theirs), 20, range(7, 8))
    (folder / "deviations.toml").write_text(DEVIATIONS, "utf-8")
    (folder / "target.toml").write_text(TARGET, "utf-8")
    with serving(tapped(app, Drifts()), trouble or in_trouble()) as server, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        code = main(["--target", server.url, "--profile", "quick", "--only", ONLY, "--seed", "1", *argv])
        written = folder / "reports"
        yield Reported(code, written, json.loads((written / "run.json").read_text("utf-8")), server.url)
