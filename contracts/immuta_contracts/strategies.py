"""Data that the OpenAPI document cannot describe: bodies whose parts belong together, as real clients send them.

Strategies are made once: hypothesis looks each new one through before it draws.
"""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.connectors import Connector

# Letters of several scripts, and the characters that quoting, wildcards and escaping get wrong.
ALPHABET = "abcXYZ012 _-%.'\"/\\&+?#<>éßñЖ中😀"
PASSWORD = "never-show-this"  # the connection password of every data source a run makes: no answer may hold it
LONG = "x" * 70_000
ODD_TEXTS = (  # written here for all to see, so that none of them is a secret where it is sent as a password
    "x" * 300,
    LONG,
    "\N{GRINNING FACE} \u017b\u00f3\u0142w \u4e2d \u05e2\u05d1 e\u0301",
    'O\'Brien "x" `y` \\ ; -- /* 100%s {0} ${x} <b>&amp;</b> a/b:c@d?e#f=g+h,i|j*..',
    "a\tb\r\nc\u2028d",
    *(" ", "null", "NaN", "0"),
)
DATA_TYPES = ("text", "integer", "date", "numeric(38,0)", "json", "timestamp with time zone")
REMOTE_TYPES = ("number(38,0)", "varchar(256)", "boolean", "int", "json")


@cache
def labels(*, max_size: int = 12) -> st.SearchStrategy[str]:
    """Short texts, possibly empty, without white space at the ends."""
    return st.text(ALPHABET, max_size=max_size).map(str.strip)


@cache
def texts(*, max_size: int = 12) -> st.SearchStrategy[str]:
    """Short texts, never empty."""
    return labels(max_size=max_size).map(lambda text: text or "x")


@cache
def identifiers() -> st.SearchStrategy[str]:
    """Names of tables, schemas and columns."""
    return st.text("abcdefgXYZ_09", min_size=1, max_size=10)


@cache
def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value; numbers stay within what every JSON reader keeps exactly."""
    scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | labels()
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(identifiers(), inner, max_size=2),
        max_leaves=4,
    )


@cache
def unknown_names() -> st.SearchStrategy[str]:
    """Field names that no document of the API mentions, beside those that public clients send."""
    return st.sampled_from(("isChildDataSource", "hasSamples", "useDatesAsDirectory")) | identifiers().map("x_".__add__)


@cache
def unknown_fields(*, min_size: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(unknown_names(), json_values(), min_size=min_size, max_size=3)


@cache
def tags() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Tags of a column, each with its `source` (one without is dropped by the tenant)."""
    deleted = st.sampled_from(("False", "True", False, True))
    tag = st.fixed_dictionaries({"name": texts(), "source": texts()}, optional={"deleted": deleted})
    return st.lists(tag, max_size=2)


def column(name: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """One column of a dictionary with drawn optional fields."""
    return st.fixed_dictionaries(
        {
            "name": identifiers() if name is None else name,
            "dataType": st.sampled_from(DATA_TYPES),
            "remoteType": st.sampled_from(REMOTE_TYPES),
        },
        optional={
            "nullable": st.booleans(),
            "isPrimaryKey": st.booleans(),
            "description": labels(),
            "tags": tags(),
            "remoteColumn": identifiers(),
        },
    )


@cache
def columns(*, min_size: int = 0, max_size: int = 4) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A column list whose names differ."""
    return st.lists(column(), min_size=min_size, max_size=max_size, unique_by=lambda each: each["name"])


@cache
def user_files(*, min_size: int = 0) -> st.SearchStrategy[list[dict[str, str]]]:
    """Uploaded files; `content` is base64."""
    entry = st.fixed_dictionaries(
        {
            "keyName": st.sampled_from(("sslrootcert", "sslkey")),
            "content": st.sampled_from(("LS0tLS1CRUdJTi0tLS0t", "")),
            "userFilename": identifiers().map(lambda name: f"{name}.pem"),
        }
    )
    return st.lists(entry, min_size=min_size, max_size=2)


def optional_metadata(connector: Connector) -> dict[str, st.SearchStrategy[Any]]:
    """The optional metadata fields with no meaning for identity, each with its values."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "ssl": st.booleans() | st.sampled_from(("true", "false")),
        "authenticationMethod": st.sampled_from(("userPassword", "keyPair", "oAuthClientCredentials", "Access Token")),
        "schema": identifiers(),
        "connectionStringOptions": labels(),
        "userFiles": user_files(),
        "bodataSchemaName": identifiers(),
        "bodataTableName": identifiers(),
        "schemaProjectName": texts(),
        "eventTime": identifiers() | st.none(),
        "staleDataTolerance": st.integers(0, 10**6),
    }
    native = {name: identifiers() for name in ("nativeViewName", "nativeSchemaName", "nativeWorkspaceName")}
    own: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "snowflake": {"warehouse": identifiers(), "secureNativeView": st.booleans(), **native},
        "redshift": native,
        "databricks": {"httpPath": labels()},
    }
    return {**fields, **own.get(connector.prefix, {})}


@cache
def metadata(connector: Connector) -> st.SearchStrategy[dict[str, Any]]:
    """Handler metadata without columns and data source name: one table, drawn optional fields and credentials."""
    return st.fixed_dictionaries(
        {"hostname": st.just("replaced.example"), "database": identifiers(), "table": identifiers()},
        optional={
            "port": st.integers(1, 65535),
            "username": identifiers(),
            "password": st.just(PASSWORD),
            **optional_metadata(connector),
        },
    )


def source_fields() -> dict[str, st.SearchStrategy[Any]]:
    """The optional `dataSource` fields, each with its values."""
    return {
        "private": st.booleans(),
        "organization": labels(),
        "category": labels(),
        "description": labels(),
        "hasExamples": st.booleans(),
        "schemaEvolutionId": st.none() | st.integers(1, 1000),
        "columnEvolutionEnabled": st.booleans(),
    }
