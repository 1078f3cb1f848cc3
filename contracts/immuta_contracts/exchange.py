"""One request and its answer, and how both are written down without secrets."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
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
    """A request with its answer, the operationId it met (None: no documented operation) and who sent it."""

    request: Request
    answer: Answer
    operation: str | None
    role: str | None


def curl(request: Request, base_url: str, variables: Mapping[str, str]) -> str:
    """A shell line that sends the same request; `variables` maps each secret to the environment variable with it."""
    words = ["curl", "-sS"]
    if request.method != "GET":
        words += ["-X", request.method]
    if ".." in request.target:
        words.append("--path-as-is")
    words.append(shlex.quote(base_url + request.target))
    present = {name.lower() for name, _ in request.headers}
    for name, value in request.headers:
        words += ["-H", _header(name, value, variables)]
    if request.body is not None:
        if "content-type" not in present:
            words += ["-H", "'Content-Type:'"]
        words += ["--data-binary", _body_word(request.body, variables)]
    return " ".join(words)


def _header(name: str, value: str, variables: Mapping[str, str]) -> str:
    if not value:
        return shlex.quote(f"{name};")
    for secret, variable in variables.items():
        if secret and secret in value:
            before, _, after = value.partition(secret)
            return '"' + f"{name}: {before}${variable}{after}" + '"'
    return shlex.quote(f"{name}: {value}")


def _body_word(body: bytes, variables: Mapping[str, str]) -> str:
    """The body as one word of a bash line; a long run of one byte is made by the line itself."""
    if any(secret and secret.encode() in body for secret in variables):
        return _without_secrets(body, list(variables.items()))
    runs = list(RUN.finditer(body))
    if not runs:
        return _quoted_body(body)
    commands, end = [], 0
    for run in runs:
        made = f"head -c {len(run[0])} /dev/zero | tr '\\0' {_quoted_body(run[1])}"
        commands += [_printed(body[end : run.start()]), made]
        end = run.end()
    return "@<(" + "; ".join(filter(None, [*commands, _printed(body[end:])])) + ")"


def _without_secrets(body: bytes, variables: Sequence[tuple[str, str]]) -> str:
    for number, (secret, variable) in enumerate(variables, start=1):
        if secret and secret.encode() in body:
            pieces = body.split(secret.encode())
            return f'"${variable}"'.join(_without_secrets(piece, variables[number:]) for piece in pieces)
    return _quoted_body(body)


def _printed(piece: bytes) -> str:
    return f"printf %s {_quoted_body(piece)}" if piece else ""


def _quoted_body(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
        if text.isprintable() or all(c.isprintable() or c in "\n\t" for c in text):
            return shlex.quote(text)
    except UnicodeDecodeError:
        pass
    escaped = "".join(f"\\x{byte:02x}" if not 32 <= byte < 127 or chr(byte) in "'\\" else chr(byte) for byte in body)
    return f"$'{escaped}'"


def shown(value: object, *, secrets: Sequence[str] = ()) -> str:
    """A value as a report prints it: compact JSON where it can be, cut at `SHOWN` characters, secrets masked."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, RecursionError):
        text = repr(value)
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
