"""How a run treats its target: limits on what it sends, and how it reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What a run may ask of its target; None: no limit.

    `timeout` is for one answer, `job_seconds` for jobs to end, `outage_seconds` for a target that stopped answering to
    come back before the rest of the run is given up.
    """

    requests_per_second: float | None = None
    total_requests: int | None = None
    total_minutes: float | None = None
    timeout: float = 30.0
    job_seconds: float = 20.0
    outage_seconds: float = 60.0


@dataclass(frozen=True)
class Transport:
    """How the target is reached; `headers` go along with every request and may hold secrets."""

    ca_bundle: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
