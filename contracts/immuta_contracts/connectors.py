"""The five connectors as the documentation describes them; written apart from the mock, which has its own table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Connector:
    """One family of paths: `prefix` is the first path segment, `word` its spelling inside operation ids."""

    prefix: str
    word: str
    default_port: int
    blob_handler_type: str
    native_view: bool = True
    integer_bulk_id: bool = False
    array_body: bool = False

    def __str__(self) -> str:
        return self.prefix

    def connection_string(self, metadata: Mapping[str, Any]) -> str:
        """`<username>@<hostname>:<port>/<database>` of these metadata, as the documentation derives it."""
        login = f"{metadata['username']}@" if "username" in metadata else ""
        return f"{login}{metadata['hostname']}:{metadata.get('port', self.default_port)}/{metadata['database']}"


ASA = Connector("asa", "Asa", 1433, "Synapse", integer_bulk_id=True, array_body=True)
TRINO = Connector("trino", "Trino", 443, "Trino")
SNOWFLAKE = Connector("snowflake", "Snowflake", 443, "Snowflake")
DATABRICKS = Connector("databricks", "Databricks", 443, "Databricks", native_view=False)
REDSHIFT = Connector("redshift", "Redshift", 5439, "Redshift")

C5 = (ASA, TRINO, SNOWFLAKE, DATABRICKS, REDSHIFT)
C4 = tuple(connector for connector in C5 if connector.native_view)
