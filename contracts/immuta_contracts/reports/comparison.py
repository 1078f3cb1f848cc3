"""A comparison as one JSON document, the source of its reports; its schema is `comparison.schema.json`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from immuta_contracts.comparison import Comparison, Finding, Kind, Tally
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import shown
from immuta_contracts.redaction import ANSWERED, MASK, Redactor, secrets_in
from immuta_contracts.reports.document import COMPARISON, VERSION, Document, exchanged, moment
from immuta_contracts.run import environment


def document(found: Comparison) -> Document:
    """The comparison as a JSON document; no secret of either side is in it."""
    redactors = found.client.redactor, found.other.client.redactor
    for redactor in redactors:
        for value, variable in _values(found):
            redactor.learn(value, variable)
    settings = found.client.settings
    tallies = {o.id: Tally() for o in found.routes.operations} | found.tallies
    whole: Any = {
        "format": COMPARISON,
        "version": VERSION,
        "a": _side(found),
        "b": _side(found.other),
        "profile": found.profile.name,
        "seed": found.seed,
        "only": settings.only,
        "scope": list(settings.connector),
        "wording": found.wording,
        "started": moment(found.started),
        "seconds": round(found.seconds, 1),
        "interrupted": found.interrupted,
        **{what: sum(getattr(tally, what) for tally in tallies.values()) for what in vars(Tally())},
        "operations": {name: asdict(tally) for name, tally in tallies.items()},
        "differences": [_difference(found, finding) for finding in found.findings.values()],
        "cut_short": _reasons(found.cut_short),
        "not_tried": _reasons(found.not_tried),
        "environment": environment(found.routes.document),
    }
    for redactor in redactors:
        whole = redactor.everywhere(whole)
    cleared: Document = whole
    return cleared


def _values(found: Comparison) -> Iterator[tuple[str, str]]:
    """The passwords and the like in what will be shown."""
    for finding in found.findings.values():
        for step in finding.recording.steps:
            for exchange in (step.a, step.b):
                yield from secrets_in(exchange.request.body or b"")


def _side(contract: Contract) -> Document:
    return {
        "target": contract.client.target.base_url,
        "own_mock": contract.client.settings.url is None,
        "requests": contract.client.sent,
        "fence": contract.client.fence.account.as_json(),
        "trouble": asdict(contract.steady.account),
        "left_behind": contract.left_behind,
    }


def _difference(found: Comparison, finding: Finding) -> Document:
    kind, difference = finding.kind, finding.difference
    a, b = found.client, found.other.client
    return {
        "operation": kind.operation,
        "what": kind.what,
        "path": kind.path,
        "told_apart": found.counts(finding),
        "count": finding.count,
        "a": None if kind.what == "new" else _shown(kind, difference.was, a.redactor),
        "b": None if kind.what == "gone" else _shown(kind, difference.now, b.redactor),
        "found_by": finding.check.name,
        "layer": finding.check.layer,
        "subject": str(finding.subject) if finding.subject else None,
        "shortened": finding.shortened,
        "steps": [
            {
                "a": exchanged(step.a, a),
                "b": exchanged(step.b, b),
            }
            for step in finding.recording.steps * found.is_shown(finding)
        ],
    }


def _shown(kind: Kind, value: object, redactor: Redactor) -> str:
    secret = kind.path.rpartition(".")[2].lower() in ANSWERED
    return MASK if secret else redactor.mask(shown(value, typed=kind.what == "type"))


def _reasons(counted: Counter[str]) -> list[Document]:
    return [{"reason": reason, "count": count} for reason, count in counted.most_common() if reason]
