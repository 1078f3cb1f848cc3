"""The whole run as one JSON document: the source of every other report. Its schema is `schema.json`."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs

from immuta_contracts.check import Failure, Outcome, Subject
from immuta_contracts.client import Client
from immuta_contracts.connectors import Connector
from immuta_contracts.coverage import Coverage
from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Exchange, shown
from immuta_contracts.redaction import secrets_in
from immuta_contracts.reports.curl import curl
from immuta_contracts.reports.requests import written
from immuta_contracts.reports.rulings import Ruling
from immuta_contracts.reports.way import way
from immuta_contracts.spec import Operation

FORMAT, VERSION = "immuta-contract-run", 1
COMPARISON = "immuta-contract-comparison"
SCHEMAS = {FORMAT: "schema.json", COMPARISON: "comparison.schema.json"}
BINS = 10  # of a latency histogram, for each factor of ten

Document = dict[str, Any]


class BadDocument(CannotRun):
    """A file is no run.json that this version can read."""


def document(found: Sequence[Ruling], client: Client, about: Mapping[str, Any]) -> Document:
    """The run as a JSON document; no secret is in it."""
    redactor = client.redactor
    for value, variable in _values(found):
        redactor.learn(value, variable)
    verdicts = Counter(ruling.verdict for ruling in found)
    whole = {
        "format": FORMAT,
        "version": VERSION,
        **about,
        "counts": {verdict: verdicts[verdict] for verdict in ("kept", "broken", "not tried")},
        "promises": [_ruling(ruling, client) for ruling in found],
        "operations": {name: _operation(seen) for name, seen in client.coverage.items()},
        "drift": [each for name, seen in client.coverage.items() for each in _drift(name, seen)],
    }
    cleared: Document = redactor.everywhere(whole)
    return cleared


def _values(found: Sequence[Ruling]) -> Iterator[tuple[str, str]]:
    """The passwords and the like in what will be shown: of the random ones a run does not remember all."""
    for ruling in found:
        for _, failure in ruling.failures:
            for exchange in failure.exchanges:
                yield from secrets_in(exchange.request.body or b"")


def _ruling(ruling: Ruling, client: Client) -> Document:
    promise = ruling.promise
    return {
        "id": promise.id,
        "family": promise.family,
        "evidence": list(promise.evidence),
        "text": promise.text,
        "verdict": ruling.verdict,
        "gating": ruling.gating,
        "deviation": ruling.deviation.as_json() if ruling.deviation else None,
        "detail": ruling.detail,
        "tried": [
            {
                "property": outcome.check.name,
                **_subject(outcome.subject),
                "verdict": outcome.verdict,
                "reason": outcome.reason,
                "notes": list(outcome.notes),
                "requests": outcome.requests,
                "seconds": round(outcome.seconds, 3),
            }
            for outcome in ruling.outcomes
        ],
        "failures": [
            {**_failure(outcome, failure, client), "known": failure in ruling.excused}
            for outcome, failure in ruling.failures
        ],
    }


def _subject(subject: Subject) -> dict[str, str | None]:
    connector = subject.connector if isinstance(subject, Operation) else subject
    return {
        "subject": str(subject) if subject else None,
        "connector": connector.prefix if isinstance(connector, Connector) else None,
    }


def _failure(outcome: Outcome, failure: Failure, client: Client) -> Document:
    return {
        "layer": outcome.check.layer,
        "found_by": outcome.check.name,
        **_subject(outcome.subject),
        "expected": failure.expected,
        "seen": failure.seen,
        "requests": [exchanged(exchange, client) for exchange in failure.exchanges],
    }


def exchanged(exchange: Exchange, client: Client) -> Document:
    """A request and its answer, without secrets."""
    redactor, base_url = client.redactor, client.redactor.known(client.target.base_url)
    request, answer = redactor.request(exchange.request), exchange.answer
    return {
        "operation": exchange.operation,
        "role": exchange.role,
        "request": written(request),
        "curl": curl(request, base_url, way(client.settings)),
        "started": moment(exchange.started),
        "milliseconds": round(answer.seconds * 1000, 3),
        "status": answer.status,
        "answer_headers": redactor.headers(answer.headers),
        "answer_bytes": len(answer.body),
        "answer": shown(redactor.mask(answer.text)),
    }


def _operation(seen: Coverage) -> Document:
    return {
        "documented_statuses": sorted(seen.documented),
        "statuses": {str(status): count for status, count in sorted(seen.statuses.items())},
        "parameters": dict(seen.parameters),
        "fields": dict(seen.fields),
        "latency": latency(seen.seconds),
    }


def _drift(name: str, seen: Coverage) -> Iterable[Document]:
    """Statuses and fields of answers that the document does not name."""
    for status, count in sorted(seen.statuses.items()):
        if status not in seen.documented:
            yield {"operation": name, "status": status, "field": None, "count": count}
    for (status, path), count in sorted(seen.undocumented.items()):
        yield {"operation": name, "status": status, "field": path, "count": count}


def latency(seconds: Iterable[float]) -> Document:
    """The distribution of times, in milliseconds; `histogram` has pairs of an upper bound and a count."""
    times = sorted(each * 1000 for each in seconds)
    bins = Counter(math.ceil(math.log10(max(time, 0.001)) * BINS) for time in times)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {
        "count": len(times),
        **{n: round(times[math.ceil(share * len(times)) - 1], 3) if times else None for n, share in shares.items()},
        "histogram": [[float(f"{10 ** (bin_ / BINS):.3g}"), count] for bin_, count in sorted(bins.items())],
    }


def moment(seconds: float) -> str:
    """A point in time as ISO 8601, UTC, milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def schema(format_: str = FORMAT) -> Document:
    """The published JSON schema of a format; what both formats hold is written down once."""
    read: Document = json.loads(files(__package__).joinpath(SCHEMAS[format_]).read_text("utf-8"))
    return read if format_ == FORMAT else {**read, "$defs": {**schema()["$defs"], **read["$defs"]}}


def write(path: Path, whole: Document) -> None:
    """Write the document."""
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: Path, *formats: str) -> Document:
    """The document in a file, a run's or of one of the formats. Raises `BadDocument`."""
    try:
        whole: Document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadDocument(f"{path} is no readable run.json: {error}") from error
    known = [(format_, VERSION) for format_ in formats or (FORMAT,)]
    if not isinstance(whole, dict) or (whole.get("format"), whole.get("version")) not in known:
        raise BadDocument(f"{path} is no run.json of version {VERSION}; judge again with this version")
    if fault := next(jsonschema_rs.Draft202012Validator(schema(whole["format"])).iter_errors(whole), None):
        where = "/".join(map(str, fault.instance_path)) or "its top"
        raise BadDocument(f"{path} is not as the schema of run.json says: {fault.message[:200]} (at {where})")
    return whole
