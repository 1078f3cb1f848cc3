"""A data source that an example made."""

from dataclasses import dataclass
from typing import Any

from immuta_contracts.connectors import Connector

Json = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A data source that the example made: where it is and the request body that made it."""

    connector: Connector
    handler_id: int
    data_source_id: int
    connection_string: str
    name: str
    body: Json

    @property
    def metadata(self) -> Json:
        """The metadata that was sent."""
        handler = self.body["handler"]
        sent: Json = (handler[0] if isinstance(handler, list) else handler)["metadata"]
        return sent

    @property
    def handler_path(self) -> str:
        return f"/{self.connector.prefix}/handler/{self.handler_id}"

    @property
    def dictionary_path(self) -> str:
        return f"/dictionary/{self.data_source_id}"

    @property
    def source_path(self) -> str:
        return f"/dataSource/{self.data_source_id}"
