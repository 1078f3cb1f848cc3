"""One request and its answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RUN = re.compile(rb"(.)\1{4095,}", re.DOTALL)  # too long to be written out
SHOWN = 2000  # characters of a body that a report shows


@dataclass(frozen=True)
class Request:
    """What is sent: `target` is the path with its query, percent-encoded; `body` the raw bytes or None for no body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower case. `seconds` is the time until the whole body was there."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_json(self) -> bool:
        """Whether the media type says JSON and the body is JSON."""
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return media == "application/json" and self.json is not NO_JSON

    @property
    def json(self) -> Any:
        """The body as JSON, or `NO_JSON` when it is none."""
        return parsed(self.body)


class _NoJson:
    """Stands for a body that is no JSON: equal to nothing but itself, and empty for look-ups."""

    def __repr__(self) -> str:
        return "<no JSON>"

    def get(self, _key: str, default: object = None) -> object:
        return default


NO_JSON = _NoJson()


def parsed(body: bytes) -> Any:
    """Bytes as JSON, or `NO_JSON` when they are none."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NO_JSON


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, the operationId it met (None: no documented operation) and who sent it.

    `started` is in seconds since 1970.
    """

    request: Request
    answer: Answer
    operation: str | None
    role: str | None
    started: float = 0.0


def shown(value: object, *, typed: bool = False) -> str:
    """A value as a report prints it: compact JSON where it can be, cut at `SHOWN` characters.

    A text stands as it is, unless `typed` sets it apart from a number that looks alike.
    """
    try:
        text = value if isinstance(value, str) and not typed else json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
