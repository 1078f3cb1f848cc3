"""The promises of the API as data: one list that properties, reports and the spec check refer to."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Promise:
    """One checkable statement about the API.

    `applies` says in words to which operations it applies; `evidence` holds `ref`, `docs`, `client` or `inferred`.
    """

    id: str
    family: str
    applies: str
    evidence: tuple[str, ...]
    text: str


@cache
def promises() -> dict[str, Promise]:
    """All promises by id, in the order of the list."""
    listed = tomllib.loads(files(__package__).joinpath("promises.toml").read_text("utf-8"))["promise"]
    return {entry["id"]: Promise(**{**entry, "evidence": tuple(entry["evidence"])}) for entry in listed}
