"""The list of data sources."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.store import DataSource, DataSourceQuery, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]
OTHER = "loader@acme.example:443/OTHER"


@pytest.fixture
def filled(store: Store, owner: User, asa: Connector, add: Add, col: Body) -> Store:
    """Four data sources: 1 plain, 2 described, 3 on another database and disabled, 4 unreachable and public."""
    tag = {"name": "Privacy", "source": "curated"}
    add("Clients 100%")
    add("Orders", data_source={"description": "What CLIENTS ordered"}, columns=[col("EMAIL", tags=[tag]), col("ID")])
    add("News_Articles", database="OTHER", bodataSchemaName="news", columns=[col("ID")])
    add(
        "Machines",
        connector=asa,
        hostname="db.invalid",
        data_source={"private": False, "blobHandlerType": "Synapse", "expert": {"profiles": [4]}},
    )
    store.update_data_source(owner, 4, {"description": None})
    store.delete_data_source(owner, 3)
    return store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (DataSourceQuery(), (1, 2, 3, 4)),
        (DataSourceQuery(mode=0, id_only=True), (1, 2, 3, 4)),
        (DataSourceQuery(search_text="clients"), (1, 2)),
        (DataSourceQuery(search_text="CLIENTS", name_only=True), (1,)),
        (DataSourceQuery(search_text="%"), (1,)),
        (DataSourceQuery(search_text="_"), (3,)),
        (DataSourceQuery(search_text="nothing"), ()),
        (DataSourceQuery(schema="CRM"), (1, 2, 3, 4)),
        (DataSourceQuery(schema="news"), (3,)),
        (DataSourceQuery(schema="crm"), ()),
        (DataSourceQuery(public_only=True), (4,)),
        (DataSourceQuery(connection_strings=(OTHER,)), (3,)),
        (DataSourceQuery(connection_strings=(OTHER, "loader@acme.example:443/SALES")), (1, 2, 3)),
        (DataSourceQuery(connection_strings=(OTHER.upper(),)), ()),
        (DataSourceQuery(blob_handler_types=("Synapse",)), (4,)),
        (DataSourceQuery(blob_handler_types=("Synapse", "Snowflake")), (1, 2, 3, 4)),
        (DataSourceQuery(statuses=("failed",)), (4,)),
        (DataSourceQuery(statuses=("passed",)), (1, 2, 3)),
        (DataSourceQuery(columns=("ID",)), (2, 3)),
        (DataSourceQuery(columns=("NAME", "EMAIL")), (2,)),
        (DataSourceQuery(tags=("Privacy",)), (2,)),
        (DataSourceQuery(tags=("Other",)), ()),
        (DataSourceQuery(data_source_ids=(4, 2, 99)), (2, 4)),
        (DataSourceQuery(data_source_ids=(1, 2), connection_strings=(OTHER,)), ()),
        (DataSourceQuery(subscriptions=("owner",)), ()),
    ],
)
def test_a_query_selects_what_matches_all_its_filters_sorted_by_id(
    filled: Store, query: DataSourceQuery, found: tuple[int, ...]
) -> None:
    page = filled.list_data_sources(query)
    assert (tuple(source.id for source in page.hits), page.count) == (found, len(found))


@pytest.mark.parametrize(
    ("profile", "subscriptions", "found"),
    [
        (2, ("owner",), (1, 2, 3, 4)),
        (4, ("expert",), (4,)),
        (4, ("expert", "not_subscribed"), (1, 2, 3, 4)),
        (5, ("owner", "expert"), ()),
    ],
)
def test_subscriptions_are_how_the_caller_stands_to_a_data_source(
    filled: Store, owner: User, profile: int, subscriptions: tuple[str, ...], found: tuple[int, ...]
) -> None:
    query = DataSourceQuery(subscriptions=subscriptions, caller=replace(owner, profile=profile))
    assert tuple(source.id for source in filled.list_data_sources(query).hits) == found


@pytest.mark.parametrize(
    ("size", "offset", "found"), [(2, 0, (1, 2)), (2, 2, (3, 4)), (3, 3, (4,)), (2, 9, ()), (0, 0, ())]
)
def test_paging_does_not_change_the_count(filled: Store, size: int, offset: int, found: tuple[int, ...]) -> None:
    page = filled.list_data_sources(DataSourceQuery(size=size, offset=offset))
    assert (tuple(source.id for source in page.hits), page.count) == (found, 4)


def test_fifty_are_on_a_page_unless_told(store: Store, owner: User, snowflake: Connector, several: Body) -> None:
    body = several(*({"dataSourceName": f"S {number}", "table": str(number)} for number in range(51)))
    store.create_data_sources(owner, snowflake, body)
    page = store.list_data_sources(DataSourceQuery())
    assert (len(page.hits), page.count) == (50, 51)


def test_the_order_stays_that_of_the_ids_after_updates(filled: Store, owner: User) -> None:
    filled.update_data_source(owner, 1, {"name": "Zebra"})
    assert [source.id for source in filled.list_data_sources(DataSourceQuery()).hits] == [1, 2, 3, 4]
