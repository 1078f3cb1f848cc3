"""Reads what an earlier run wrote down: its `run.json`."""

import json
from pathlib import Path
from typing import Any


class BadRecord(ValueError):
    """A file is not the `run.json` of a run; the text says which and why."""


def read(path: Path) -> dict[str, Any]:
    """The document of a run. Raises `BadRecord`."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadRecord(f"{path} cannot be read: {error.strerror}; a run writes it to its --reports folder") from error
    except ValueError as error:
        raise BadRecord(f"{path} is no JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("promises"), list):
        raise BadRecord(f"{path} holds no promises: give the run.json that a run wrote")
    return document
