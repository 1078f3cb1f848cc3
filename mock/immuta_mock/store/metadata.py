"""Handler metadata: what of a written body is kept, and the connection string that follows from it."""

from functools import lru_cache
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.store.records import Json

PASSWORD = "password"
COLUMNS = "columns"
NAME = "dataSourceName"

KEPT_ELSEWHERE = frozenset({PASSWORD, COLUMNS, NAME, "highCardinality", "disableClassify", "columnsNormalized"})
"""Names that are not kept in metadata: the password nowhere, columns in the dictionary, the name with the data source,
and those that only answers carry."""


SHORT = 100  # characters


@lru_cache(maxsize=4096)
def _kept_once(text: str) -> str:
    """The text as it was given first, unless that is long ago; Python 3.12 never frees what `sys.intern` is given."""
    return text


def json_copy(value: Any) -> Any:
    """A copy of a JSON value that shares nothing with it that can change, and holds no password at any depth.

    Short texts are kept once, as data sources have most of theirs in common.
    """
    if isinstance(value, str):
        return _kept_once(value) if len(value) <= SHORT else value
    if isinstance(value, dict):
        return {name: json_copy(item) for name, item in value.items() if name != PASSWORD}
    return [json_copy(item) for item in value] if isinstance(value, list) else value


def kept_metadata(written: Json) -> dict[str, Any]:
    """The part of written metadata that is kept as metadata."""
    return {name: json_copy(value) for name, value in written.items() if name not in KEPT_ELSEWHERE}


def connection_string(metadata: Json, connector: Connector) -> str:
    """`<username>@<hostname>:<port>/<database>`; no username drops its part, no port means the default one."""
    username = metadata.get("username")
    login = f"{username}@" if username else ""
    port = int(metadata.get("port", connector.default_port))  # 443.0 is an integer to JSON Schema
    return _kept_once(f"{login}{metadata['hostname']}:{port}/{metadata['database']}")


def remote_table(metadata: Json) -> tuple[str, str, str | None, str] | None:
    """What makes two elements name the same remote table; None where a query takes the place of the table."""
    table = metadata.get("table")
    return (metadata["hostname"], metadata["database"], metadata.get("schema"), table) if table else None
