"""What a run sends: every request of every check, to a fresh mock whose time does not depend on the machine's.

The mock is in this process, or behind a socket; it may have planted defects, and be slow.
"""

import hashlib
import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from defects import DEFECTS
from immuta_contracts import run
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.profiles import QUICK, Profile
from immuta_contracts.settings import Settings
from immuta_contracts.target import MOCK_KEYS, InProcessMock, Target, Tenant
from immuta_mock import Store, create_app
from planting import planted
from trouble import serving

START = datetime(2100, 1, 1, tzinfo=UTC)  # far enough for no token to expire

Sent = dict[str, list[Request]]


class Recording:
    """A target that keeps what it is asked, and takes its time."""

    def __init__(self, target: Target, pause: float) -> None:
        self.requests: list[Request] = []
        self.base_url, self.keys, self.close = target.base_url, target.keys, target.close
        self._target, self._pause = target, pause

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        time.sleep(self._pause)
        return self._target.send(request)


def sent(
    seed: int,
    profile: Profile = QUICK,
    *,
    only: str | None = None,
    defects: Sequence[str] = (),
    pause: float = 0.0,
    over_http: bool = False,
) -> Sent:
    """The requests of all layers, by check and subject, in mode own."""
    ticks = count()
    store = Store(clock=lambda: START + timedelta(milliseconds=next(ticks)))
    app = planted(store, *(DEFECTS[name] for name in defects)) if defects else create_app(store)
    with ExitStack() as stack:
        url = stack.enter_context(serving(app)).url if over_http else None
        target = Recording(Tenant(url, MOCK_KEYS) if url else InProcessMock(app), pause)
        stack.callback(target.close)
        contract, found = Contract(target, profile=profile, seed=seed, settings=Settings(mode="own")), Sent()
        for check, subject in run.plan(contract, only):
            target.requests = found.setdefault(f"{check.layer}: {check.name} [{subject}]", [])
            contract.judge(check, subject)
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
