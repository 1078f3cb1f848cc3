"""What the schema of a fault's effect cannot say: how headers may be called, and that a range has a beginning."""

import re
from collections.abc import Mapping
from typing import Any

from immuta_mock.errors import BadRequest, quoted

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_BODY = ("content-length", "transfer-encoding")


def check_effect(effect: Mapping[str, Any]) -> None:
    """Raises BadRequest for an effect that no answer can have."""
    for name in effect.get("headers", {}):
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{quoted(name)} is no name of a header; it has letters, digits, '-' and '_'")
        if name.lower() in _OF_THE_BODY:
            raise BadRequest(f"the header {name} follows from the body; `truncate` sends less than it says")
    latency = effect.get("latency")
    if isinstance(latency, Mapping) and latency.get("min", 0) > latency.get("max", latency.get("min", 0)):
        raise BadRequest(f"the latency is at least {latency['min']} and at most {latency['max']}; exchange the two")
