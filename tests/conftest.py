"""Tests in a browser run where `CHROMIUM` names one, as in `make browser-test`; the others may have a Redis server."""

import os
import signal
from collections.abc import Iterator

import pytest

from redis_server import COMMAND, MISSING, RedisServer, redis_server

# Shells start what runs in the background with interrupts ignored, and all its children take over that.
signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = [] if "CHROMIUM" in os.environ else ["browser"]


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server that tests share, each under a prefix of its own."""
    if COMMAND is None:
        pytest.skip(MISSING)
    with redis_server(tmp_path_factory.mktemp("redis"), persists=False) as server:
        yield server
