"""A body that makes a data source, and each way to have a tenant."""

from typing import Any

import pytest

from immuta_mock.testing import MockTenant


@pytest.fixture
def create_body() -> dict[str, Any]:
    metadata = {"hostname": "acme.example", "password": "s3cret", "database": "SALES", "table": "CLIENTS"}
    settings = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable", "sqlTableName": "clients"}
    named = {"name": "Clients", "blobHandler": {"scheme": "https", "url": ""}}
    return {"handler": {"metadata": metadata}, "dataSource": {**settings, **named}}


@pytest.fixture(params=["immuta_mock", "immuta_mock_server", "immuta_mock_tls_server"])
def tenant(request: pytest.FixtureRequest) -> MockTenant:
    """A fresh tenant, in process and over the network."""
    found: MockTenant = request.getfixturevalue(request.param)
    return found
