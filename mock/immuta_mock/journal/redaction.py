"""Takes secrets out of what is shown: credentials in headers, secret fields in bodies, and known keys anywhere."""

import json
import re
from collections.abc import Collection, Iterable
from typing import Any

REDACTED = "[redacted]"
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mock-control-key"})
SECRET_FIELDS = frozenset({"password", "apikey", "token", "content"})

_NAMES = "|".join(sorted(SECRET_FIELDS))
_IN_TEXT = re.compile(rf'("(?:{_NAMES})"\s*:\s*")(?:[^"\\]|\\.)*|(\b(?:{_NAMES})=)[^&\s"]*', re.IGNORECASE)


class Redaction:
    """Shows values without secrets; `known` are keys and tokens that are taken out wherever they stand."""

    def __init__(self, known: Collection[str] = ()) -> None:
        longest_first = sorted(filter(None, known), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """A text, such as a path, a query or a body that is no JSON."""
        text = _IN_TEXT.sub(lambda match: (match[1] or match[2]) + REDACTED, text)
        return self._known.sub(REDACTED, text) if self._known else text

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
        """Pairs of name and value."""
        pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
        return [[name, REDACTED if name in SECRET_HEADERS else self.text(value)] for name, value in pairs]

    def body(self, raw: bytes) -> Any:
        """A body: the value of a JSON text, any other text as it is, None for an empty one."""
        if not raw:
            return None
        try:
            return self.value(json.loads(raw))
        except (ValueError, RecursionError):
            return self.text(raw.decode("utf-8", "replace"))

    def value(self, value: Any) -> Any:
        """A JSON value."""
        if isinstance(value, dict):
            return {self.text(name): self._member(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def _member(self, name: str, value: Any) -> Any:
        return REDACTED if name.lower() in SECRET_FIELDS and value is not None else self.value(value)
