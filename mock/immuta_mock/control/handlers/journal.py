"""The journal of a tenant: queried, followed, verified, exported, emptied."""

from immuta_mock.control.asked import Asked, Json
from immuta_mock.control.feed import JournalFeed
from immuta_mock.control.handlers.faults import require_operation
from immuta_mock.journal.har import archive
from immuta_mock.journal.redaction import Redaction
from immuta_mock.journal.verification import verified
from immuta_mock.journal.view import selected, shown


def list_journal(asked: Asked) -> list[Json]:
    """`GET /journal`"""
    require_operation(asked.values["operation"], asked.operations)
    redaction = _redaction(asked)
    entries = selected(asked.tenant.journal.entries(), asked.values)
    return [shown(entry, redaction) for entry in entries]


def follow_journal(asked: Asked) -> JournalFeed:
    """`GET /journal/events`"""
    return JournalFeed(asked.tenants, asked.tenant, asked.headers.get("last-event-id", ""))


def clear_journal(asked: Asked) -> Json:
    """`DELETE /journal`"""
    asked.tenant.journal.clear()
    return {}


def verify_journal(asked: Asked) -> Json:
    """`POST /journal/verify`"""
    require_operation(asked.payload.get("operation"), asked.operations)
    return verified(asked.tenant.journal.entries(), asked.payload, _redaction(asked))


def export_journal(asked: Asked) -> Json:
    """`GET /journal/har`"""
    return archive(asked.tenant.journal.entries(), _redaction(asked), asked.base_url)


def _redaction(asked: Asked) -> Redaction:
    return Redaction(asked.tenant.store.secrets())
