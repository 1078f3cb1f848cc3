"""What a run sends: every request of every check, on a fresh mock whose time does not depend on the machine's."""

import hashlib
import importlib.util
import json
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from immuta_contracts import run
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.profiles import QUICK, Profile
from immuta_contracts.target import InProcessMock
from immuta_mock import Store, create_app

TINY = Profile("tiny", examples=2, conformance=3, workflows=1, sequences=3, steps=12, subjects=1, operations=4)
START = datetime(2100, 1, 1, tzinfo=UTC)  # far enough for no token to expire

Sent = dict[str, list[Request]]


class Recording(InProcessMock):
    """Keeps what it is asked; its clock ticks at each look."""

    def __init__(self) -> None:
        ticks = count()
        super().__init__(create_app(Store(clock=lambda: START + timedelta(milliseconds=next(ticks)))))
        self.requests: list[Request] = []

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        return super().send(request)


def sent(seed: int, profile: Profile = QUICK) -> Sent:
    """The requests of all layers, by check and subject."""
    target = Recording()
    contract, found = Contract(target, profile=profile, seed=seed), Sent()
    for check, subject in run.plan(contract):
        target.requests = found.setdefault(f"{check.layer}: {check.name} [{subject}]", [])
        contract.judge(check, subject)
    target.close()
    return found


def digests(found: Sent) -> dict[str, str]:
    """One short text for the sequence of each check."""
    return {
        name: hashlib.sha256(repr(list(map(_whole, requests))).encode()).hexdigest() for name, requests in found.items()
    }


def _whole(request: Request) -> tuple[object, ...]:
    """All of a request; its representation leaves the headers out."""
    return request.method, request.target, request.headers, request.body


def _load(path: str) -> None:
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        _load(path)
    json.dump(digests(sent(5, TINY)), sys.stdout)
