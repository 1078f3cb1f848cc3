"""The five connectors as data: what differs between them stands here and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each, so that to compare them takes no time
class Connector:
    """One connector: `prefix` opens its paths, `operation_word` stands in its operationIds."""

    name: str
    prefix: str
    operation_word: str
    default_port: int
    own_metadata: tuple[str, ...] = ()
    native_view: bool = True
    integer_bulk_id: bool = False
    array_body: bool = False


CONNECTORS: tuple[Connector, ...] = (
    Connector("Azure Synapse Analytics", "asa", "Asa", 1433, integer_bulk_id=True, array_body=True),
    Connector("Starburst (Trino)", "trino", "Trino", 443),
    Connector("Snowflake", "snowflake", "Snowflake", 443, own_metadata=("warehouse", "secureNativeView")),
    Connector("Databricks", "databricks", "Databricks", 443, own_metadata=("httpPath",), native_view=False),
    Connector("Redshift", "redshift", "Redshift", 5439),
)


def kind(operation_id: str) -> tuple[str, Connector | None]:
    """An operationId with `{}` for the word of its connector, and that connector."""
    for connector in CONNECTORS:
        if connector.operation_word in operation_id:
            return operation_id.replace(connector.operation_word, "{}", 1), connector
    return operation_id, None
