"""What each operation tells about data sources: one function for each kind of operation."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from immuta_mock.answers import timestamp
from immuta_mock.connectors import CONNECTORS, Connector, kind
from immuta_mock.recorded.exchanges import Exchange
from immuta_mock.recorded.sources import Entry, Sources
from immuta_mock.store.creation import Element, elements_of
from immuta_mock.store.fields import kept_data_source, kept_unknown
from immuta_mock.store.metadata import COLUMNS, NAME, json_copy, kept_metadata
from immuta_mock.store.records import Json

PREFIXES = {connector.prefix: connector for connector in CONNECTORS}
HANDLER_URL = re.compile(rf"/({'|'.join(PREFIXES)})/handler/([1-9][0-9]*)$")
OF_A_HIT = ("description", "recordFormat", "blobHandlerType", "schemaEvolutionId")
HIGH_CARDINALITY = "highCardinality"


def observe(sources: Sources, exchange: Exchange) -> None:
    """Take over what an exchange tells; of other operations nothing follows."""
    name, connector = kind(exchange.operation_id)
    if connector is not None and name in _OF_CONNECTORS:
        _OF_CONNECTORS[name](sources, exchange, connector)
    elif name in _OTHERS:
        _OTHERS[name](sources, exchange)


# Handlers


def _created(sources: Sources, exchange: Exchange, connector: Connector) -> None:
    elements, answer = elements_of(exchange.request), exchange.answer
    for element in elements:
        if len(elements) == 1 and "dataSourceId" in answer:
            entry = sources.known(answer["dataSourceId"], element.name)
            entry["handlerId"] = answer["id"]
        else:
            entry = sources.named(element.name)
        entry["connector"] = connector.prefix
        entry |= _made(element, exchange)


def _made(element: Element, exchange: Exchange) -> Entry:
    body = exchange.request
    entry: Entry = {
        "metadata": kept_metadata(element.metadata),
        "sqlTableName": element.sql_table_name,
        "dataSource": {**kept_unknown(body), **kept_data_source(body["dataSource"])},
        "createdAt": timestamp(exchange.at),
        "updatedAt": timestamp(exchange.at),
        "deleted": False,
    }
    if "schemaEvolution" in body:
        entry["schemaEvolution"] = json_copy(body["schemaEvolution"])
    if element.columns is not None:
        entry["dictionary"] = {"columns": json_copy(list(element.columns))}
    return entry


def _handler(sources: Sources, exchange: Exchange, connector: Connector) -> None:
    answer = exchange.answer
    metadata = answer["metadata"]
    entry = sources.known(answer["dataSourceId"], metadata.get(NAME))
    entry["connector"], entry["handlerId"] = connector.prefix, answer["id"]
    entry["metadata"] = kept_metadata(metadata)
    if HIGH_CARDINALITY in metadata:
        entry[HIGH_CARDINALITY] = {"column": metadata[HIGH_CARDINALITY]}
    if COLUMNS in metadata:
        _columns(entry, metadata[COLUMNS])


def _updated(sources: Sources, exchange: Exchange, connector: Connector) -> None:
    _handler(sources, exchange, connector)
    entry = sources.known(exchange.answer["dataSourceId"])
    sent = exchange.request[0] if isinstance(exchange.request, list) else exchange.request
    entry["dataSource"] = {**entry.get("dataSource", {}), **kept_unknown(sent)}
    if "schemaEvolution" in sent:
        entry["schemaEvolution"] = json_copy(sent["schemaEvolution"])


def _bulk(sources: Sources, exchange: Exchange, connector: Connector) -> None:
    body = exchange.request[0] if isinstance(exchange.request, list) else exchange.request
    metadata = body["handler"]["metadata"]
    for entry in sources.selected(connector, body):
        entry["metadata"] = {**entry["metadata"], **kept_metadata(metadata)}
        if NAME in metadata:
            entry["name"] = metadata[NAME]
        if COLUMNS in metadata:
            _columns(entry, metadata[COLUMNS])


def _columns(entry: Entry, columns: Any) -> None:
    entry["dictionary"] = {**entry.get("dictionary", {}), "columns": json_copy(columns)}


# Dictionaries and data sources


def _dictionary(sources: Sources, exchange: Exchange) -> None:
    answer = exchange.answer
    entry = sources.known(answer["dataSource"])
    _columns(entry, answer["metadata"])
    entry["dictionary"] |= {name: answer[name] for name in ("id", "createdAt", "updatedAt")}


def _dictionary_deleted(sources: Sources, exchange: Exchange) -> None:
    sources.known(int(exchange.path_values["dataSourceId"])).pop("dictionary", None)


def _data_source(sources: Sources, exchange: Exchange) -> None:
    answer = exchange.answer
    entry = _hit(sources, answer)
    entry["dataSource"] = {**entry["dataSource"], **kept_data_source(answer)}
    entry |= {name: answer[name] for name in ("sqlTableName", "updatedAt") if name in answer}
    if isinstance(answer.get("schemaEvolution"), dict):
        entry["schemaEvolution"] = json_copy(answer["schemaEvolution"])
    url = answer["blobHandler"].get("url") if isinstance(answer.get("blobHandler"), dict) else None
    if found := HANDLER_URL.search(url or ""):
        entry["connector"], entry["handlerId"] = found[1], int(found[2])


def _hit(sources: Sources, hit: Json) -> Entry:
    entry = sources.known(hit["id"], hit["name"])
    entry |= {name: hit[name] for name in ("deleted", "createdAt") if name in hit}
    fields = {name: hit[name] for name in OF_A_HIT if name in hit}
    entry["dataSource"] = {**entry.get("dataSource", {}), **fields}
    return entry


def _listed(sources: Sources, exchange: Exchange) -> None:
    for hit in exchange.answer["hits"]:
        _hit(sources, hit)


def _deleted(sources: Sources, exchange: Exchange) -> None:
    if exchange.answer["hardDelete"]:
        sources.remove(exchange.answer["id"])
    else:
        sources.known(exchange.answer["id"])["deleted"] = True


_OF_CONNECTORS: Mapping[str, Callable[[Sources, Exchange, Connector], None]] = {
    "create{}DataSource": _created,
    "get{}Handler": _handler,
    "update{}Handler": _updated,
    "bulkUpdate{}DataSources": _bulk,
}

_OTHERS: Mapping[str, Callable[[Sources, Exchange], None]] = {
    "createDictionary": _dictionary,
    "updateDictionary": _dictionary,
    "getDictionary": _dictionary,
    "deleteDictionary": _dictionary_deleted,
    "getDataSource": _data_source,
    "getDataSourceByName": _data_source,
    "updateDataSource": _data_source,
    "listDataSources": _listed,
    "deleteDataSource": _deleted,
}
