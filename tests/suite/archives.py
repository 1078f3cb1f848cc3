"""Holds an HTTP archive to the JSON schema of HAR 1.2 that the npm package har-schema 2.0.0 publishes (har_schema/)."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMAS = Path(__file__).with_name("har_schema")


def faults(archive: Any) -> list[str]:
    """What is not as HAR 1.2 says: against its schema, and what JSON Schema cannot say."""
    validator = jsonschema_rs.Draft6Validator(
        {"$ref": "json-schema:///har.json#"}, registry=_registry(), validate_formats=True
    )
    pages = [page["id"] for page in archive["log"].get("pages", [])]
    strange = {entry.get("pageref") for entry in archive["log"]["entries"]} - {None, *pages}
    twice = {page for page in pages if pages.count(page) > 1}
    return [
        *(f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(archive)),
        *(f"no page is {page}" for page in strange),
        *(f"two pages are {page}" for page in twice),
    ]


def _registry() -> jsonschema_rs.Registry:
    schemas = [(f"json-schema:///{path.name}", json.loads(path.read_text("utf-8"))) for path in SCHEMAS.glob("*.json")]
    return jsonschema_rs.Registry(schemas, draft=jsonschema_rs.Draft6)
