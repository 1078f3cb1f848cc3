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
    return {name: _digest(requests) for name, requests in found.items()}


def _digest(requests: list[Request]) -> str:
    """Of all of each request; its representation leaves the headers out, and writing out long bodies takes long."""
    digest = hashlib.sha256()
    for request in requests:
        size = None if request.body is None else len(request.body)
        digest.update(repr((request.method, request.target, request.headers, size)).encode())
        digest.update(request.body or b"")
    return digest.hexdigest()


def _load(path: str) -> None:
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _, seed, *modules = sys.argv
    for path in modules:
        _load(path)
    json.dump(digests(sent(int(seed))), sys.stdout)
