"""Puts schemas and values into words: what a schema asks for, and a value short enough for a message."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

LONGEST = 80
SECRET_NAMES = frozenset({"password", "apikey", "content"})

Schema = Mapping[str, Any]
Resolve = Callable[[Any], Any]


def shown(value: Any) -> str:
    """A value as a message shows it: scalars as JSON, cut to a line; of objects and arrays only the kind."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def shown_at(path: Sequence[str | int], value: Any) -> str:
    """The value at a path, unless the path leads to a secret."""
    return "a value (not shown)" if SECRET_NAMES.intersection(path) else shown(value)


def json_path(path: Iterable[str | int]) -> str:
    """The JSONPath of a place in a body, like `$.handler[0].metadata`."""
    return "$" + "".join(_step(part) for part in path)


def describe(schema: Schema, resolve: Resolve) -> str:
    """What a value has to be to satisfy a schema, as a noun phrase."""
    return _phrase(resolve(schema), resolve)


def _phrase(schema: Schema, resolve: Resolve) -> str:
    if "enum" in schema:
        return _one_of(schema["enum"])
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return _alternatives(_KINDS[kind](schema) for kind in kinds)
    if "allOf" in schema:
        merged = {name: value for part in schema["allOf"] for name, value in resolve(part).items()}
        return _phrase(merged, resolve)
    branches = schema.get("oneOf", schema.get("anyOf", ()))
    return _alternatives(describe(branch, resolve) for branch in branches) or "any value"


def _one_of(values: Iterable[Any]) -> str:
    shown_values = [shown(value) for value in values]
    return f"one of {', '.join(shown_values)}" if len(shown_values) > 1 else shown_values[0]


def _alternatives(phrases: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(phrases))


def _string(schema: Schema) -> str:
    least, most, form = schema.get("minLength", 0), schema.get("maxLength"), schema.get("format")
    words = {0: "a string", 1: "a non-empty string"}.get(least, f"a string of at least {least} characters")
    if most is not None:
        words += f" of at most {most} characters"
    if "pattern" in schema:
        words += f" matching {schema['pattern']}"
    return f"{words} ({form})" if form and form not in SECRET_NAMES else words


def _number(words: str) -> Callable[[Schema], str]:
    def phrase(schema: Schema) -> str:
        least, most = schema.get("minimum"), schema.get("maximum")
        if least is not None and most is not None:
            return f"{words} from {least} to {most}"
        if least is not None:
            return f"{words} of {least} or more"
        return words if most is None else f"{words} of {most} or less"

    return phrase


def _array(schema: Schema) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if least and least == most:
        return f"an array of exactly {least}"
    limits = [f"at least {least}"] * bool(least) + [f"at most {most}"] * (most is not None)
    return f"an array of {' and '.join(limits)}" if limits else "an array"


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if part.isidentifier() and len(part) <= LONGEST else f"[{shown(part)}]"


_KINDS: dict[str, Callable[[Schema], str]] = {
    "string": _string,
    "integer": _number("an integer"),
    "number": _number("a number"),
    "boolean": lambda _: "true or false",
    "array": _array,
    "object": lambda schema: "a non-empty object" if schema.get("minProperties") else "an object",
    "null": lambda _: "null",
}
