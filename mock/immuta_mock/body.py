"""Reads request bodies: their media type, their bytes up to a limit, and JSON that is clean enough to keep."""

import json
import math
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect

from immuta_mock.errors import PayloadTooLarge, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_DEPTH = 128
_JSON_TYPE = re.compile(r"application/(json|[^\s;/]+\+json)")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";]*)"?', re.IGNORECASE)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class NoCleanJson(ValueError):
    """The body cannot be read; the text says why."""


@lru_cache(maxsize=64)
def media_type(header: str | None) -> str:
    """The media type a Content-Type header stands for: JSON in any spelling (also none at all), else its own name.

    Raises `UnsupportedMediaType` for a character set other than UTF-8.
    """
    if not header or not header.strip():
        return JSON
    name = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    if charset and charset[1].strip().lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(header)
    return JSON if _JSON_TYPE.fullmatch(name) else name


async def read(receive: Receive, limit: int, declared: str | None = None) -> bytes:
    """The whole body. Raises `PayloadTooLarge` as soon as it is known to be longer than `limit` bytes."""
    if declared is not None and declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise PayloadTooLarge(limit)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise PayloadTooLarge(limit)
        more = message.get("more_body", False)
    return b"".join(parts)


def parse(raw: bytes, media: str) -> Any:
    """The value of a body of a media type that `media_type` gave. Raises `NoCleanJson`."""
    return parse_form(raw) if media == FORM else parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8; of keys given twice the last counts. Raises `NoCleanJson`."""
    try:
        value = _quick_decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = _parse_slowly(raw)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise NoCleanJson(_TOO_DEEP)
    return value


def _parse_slowly(raw: bytes) -> Any:
    """The value of a text that the quick decoder does not take, or what exactly is wrong with it."""
    text = _decoded(raw)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        reason = f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise NoCleanJson(reason) from None
    except RecursionError:
        raise NoCleanJson(_TOO_DEEP) from None
    if _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(value)
    return value


def parse_form(raw: bytes) -> dict[str, str]:
    """The fields of an urlencoded form in UTF-8; of fields given twice the last counts. Raises `NoCleanJson`."""
    text = _decoded(raw)
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000))
    except ValueError:
        raise NoCleanJson("the body is no urlencoded form in UTF-8, or one of very many fields") from None


_TOO_DEEP = f"the body is nested more than {MAX_DEPTH} levels deep"


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoCleanJson(f"the body is not UTF-8: byte {error.start} is 0x{raw[error.start]:02x}") from None


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise NoCleanJson(f"the body holds a number of {len(digits)} digits, which is too long") from None


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NoCleanJson(f"the body holds the number {digits[:40]}, which is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise NoCleanJson(f"the body is not JSON: it holds {name}")


_quick_decoder = msgspec.json.Decoder()
_decoder = json.JSONDecoder(parse_int=_integer, parse_float=_finite, parse_constant=_no_constant)


def _deeper_than(value: Any, limit: int) -> bool:
    layer = [value]
    for _ in range(limit):
        layer = [inner for outer in layer for inner in _members(outer) if isinstance(inner, dict | list)]
        if not layer:
            return False
    return True


def _members(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NoCleanJson("the body holds half of a surrogate pair, which stands for no character") from None
