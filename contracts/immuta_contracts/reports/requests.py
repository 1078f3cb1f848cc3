"""A request as `run.json` holds it: complete and exact, with `${VARIABLE}` in the place of each secret."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from immuta_contracts.exchange import RUN, Request
from immuta_contracts.redaction import MEMBERS, PLACEHOLDER, WRONG_KEY

# Where the run made the text up itself, or where any wrong one does, a reader without it uses these.
STAND_INS = {**dict.fromkeys(MEMBERS.values(), "c3RhbmQtaW4="), WRONG_KEY: "a-wrong-key"}
FORM = "application/x-www-form-urlencoded"


class MissingVariable(Exception):
    """A request needs a secret that the environment does not hold."""


def written(request: Request) -> dict[str, Any]:
    """A request, already redacted, as JSON: `body` is null, a text, `{base64}`, or `{parts}` where runs repeat."""
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body": None if request.body is None else _written_body(request.body),
    }


def read(document: Mapping[str, Any], environment: Mapping[str, str]) -> Request:
    """The request that was written down, with the secrets of the environment. Raises `MissingVariable`."""
    headers = tuple((name, _filled(value, environment)) for name, value in document["headers"])
    kind = next((value.lower() for name, value in headers if name.lower() == "content-type"), "")
    escape = quote_plus if kind.startswith(FORM) else _in_json
    body = document["body"]
    return Request(
        document["method"],
        _filled(document["target"], environment, quote_plus),
        headers,
        None if body is None else _read_body(body, lambda text: _filled(text, environment, escape)),
    )


def _written_body(body: bytes) -> Any:
    parts, end = [], 0
    for run in RUN.finditer(body):
        parts += [_text(body[end : run.start()]), {"repeat": _text(run[1]), "times": len(run[0])}]
        end = run.end()
    return {"parts": [part for part in (*parts, _text(body[end:])) if part]} if parts else _text(body)


def _text(piece: bytes) -> Any:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(piece).decode()}


def _read_body(body: Any, fill: Callable[[str], str]) -> bytes:
    if isinstance(body, str):
        return fill(body).encode()
    if "parts" in body:
        return b"".join(_read_body(part, fill) for part in body["parts"])
    if "repeat" in body:
        return _read_body(body["repeat"], fill) * int(body["times"])
    text = base64.b64decode(body["base64"]).decode("utf-8", "surrogateescape")
    return fill(text).encode("utf-8", "surrogateescape")


def _filled(text: str, environment: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in environment and name not in STAND_INS:
            raise MissingVariable(f"the environment lacks {name}; set it to send the request again")
        return escape(environment.get(name, STAND_INS.get(name, "")))

    return PLACEHOLDER.sub(value, text)


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]
