"""Tells which branch of a choice a body means where the kind of one member says it: nobody needs the others' errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from immuta_mock.sound_lists import Compile, Schema, resolved

KINDS: Mapping[str, type] = {"object": dict, "array": list, "string": str}


class Forms:
    """The branches of the schema `root`, where it is a choice alone and the kind of a member tells them apart."""

    def __init__(self, root: Schema, compiled: Compile) -> None:
        self._root = root
        self._compiled = compiled
        self._member = ""
        self._checks: dict[type, Any] = {}
        schema = resolved(root, root)
        if schema.keys() - {"definitions", "$schema"} == {"oneOf"}:
            self._tell_apart(schema["oneOf"])

    def errors_of(self, value: Any) -> Any:
        """What finds the errors of the branch that a value means; None where nothing says which."""
        return self._checks.get(type(value.get(self._member))) if isinstance(value, dict) else None

    def _tell_apart(self, branches: Sequence[Schema]) -> None:
        kinds = [self._kinds(branch) for branch in branches]
        for member in kinds[0]:
            if len({kind[member] for kind in kinds if member in kind}) == len(branches):
                self._member = member
                for kind, branch in zip(kinds, branches, strict=True):
                    check = self._compiled({**branch, "definitions": self._root.get("definitions", {})})
                    self._checks[kind[member]] = check.iter_errors
                return

    def _kinds(self, schema: Schema) -> dict[str, type]:
        """The kinds of those members that have one, by their names."""
        schema = resolved(schema, self._root)
        kinds: dict[str, type] = {}
        for part in schema.get("allOf", ()):
            kinds |= self._kinds(part)
        for name, member in schema.get("properties", {}).items():
            kind = resolved(member, self._root).get("type")
            if isinstance(kind, str) and kind in KINDS:
                kinds[name] = KINDS[kind]
        return kinds
