"""Data sources: changed in part, disabled, restored and removed."""

from dataclasses import replace
from datetime import datetime

from immuta_mock.store import lookup
from immuta_mock.store.fields import kept_changes
from immuta_mock.store.handlers import require_free_name
from immuta_mock.store.records import DataSource, Deletion, Json
from immuta_mock.store.roles import require_owner, require_remover
from immuta_mock.store.state import State
from immuta_mock.users import User


def update(state: State, user: User, data_source_id: int, changes: Json, now: datetime) -> DataSource:
    """Change the fields given and leave the others; `deleted: false` restores."""
    source = lookup.data_source(state, data_source_id)
    require_owner(user, source, "update it")
    name = changes.get("name", source.name)
    require_free_name(state, source, name, "name")
    updated = replace(
        source,
        name=name,
        fields={**source.fields, **kept_changes(changes)},
        deleted=changes.get("deleted", source.deleted),
        updated_at=now,
    )
    state.put(updated)
    return updated


def delete(state: State, user: User, data_source_id: int) -> Deletion:
    """Disable a data source; remove it for good when it is disabled already."""
    source = lookup.data_source(state, data_source_id)
    require_remover(user, source)
    if source.deleted:
        state.remove(source)
        return Deletion(source.id, hard_delete=True)
    state.put(replace(source, deleted=True))
    return Deletion(source.id, hard_delete=False)
