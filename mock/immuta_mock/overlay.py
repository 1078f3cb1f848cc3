"""Changes an API document by OpenAPI Overlay 1.0 documents; unlike in the specification, a target has to exist.

The specification lets an action pass whose target matches nothing. Here it is an error, for it is nearly always a typo.
"""

import copy
from pathlib import Path
from typing import Any

import jsonpath

from immuta_mock.documents import SpecError, read_document

ACTION_FIELDS = {"target", "description", "update", "remove"}


def load_overlay(path: Path) -> dict[str, Any]:
    """The overlay a file holds. `extends` is not followed: what an overlay applies to is the caller's choice."""
    overlay = read_document(path)
    version = overlay.get("overlay")
    if not (isinstance(version, str) and version.startswith("1.0.")):
        raise SpecError(f"{path}: `overlay: 1.0.0` is expected at the top, found {version!r}.")
    info = overlay.get("info")
    if not (isinstance(info, dict) and isinstance(info.get("title"), str) and isinstance(info.get("version"), str)):
        raise SpecError(f"{path}: `info` with the texts `title` and `version` is expected.")
    actions = overlay.get("actions")
    if not (isinstance(actions, list) and actions):
        raise SpecError(f"{path}: `actions` has to be a list of at least one action.")
    for index, action in enumerate(actions):
        _check_action(f"{path}, actions[{index}]", action)
    return overlay


def _check_action(where: str, action: Any) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise SpecError(f"{where}: an object with the text `target` is expected.")
    where = f"{where} ({action['target']})"
    unknown = [field for field in action if field not in ACTION_FIELDS and not field.startswith("x-")]
    if unknown:
        raise SpecError(f"{where}: unknown field {unknown[0]!r}; an action has target, description, update and remove.")
    if not isinstance(action.get("remove", False), bool):
        raise SpecError(f"{where}: `remove` has to be true or false.")
    if "update" not in action and not action.get("remove"):
        raise SpecError(f"{where}: does nothing; give `update`, or `remove: true`.")


def apply_overlay(document: dict[str, Any], overlay: dict[str, Any], *, source: str) -> dict[str, Any]:
    """A copy of the document with the overlay's actions applied in order; `source` names the overlay in errors."""
    result = copy.deepcopy(document)
    for index, action in enumerate(overlay["actions"]):
        _apply_action(result, action, f"{source}, actions[{index}] ({action['target']})")
    return result


def _apply_action(document: dict[str, Any], action: dict[str, Any], where: str) -> None:
    matches = _find(document, action["target"], where)
    if action.get("remove"):
        for match in reversed(matches):
            _remove(match, where)
    else:
        for match in matches:
            _update(match.value, action["update"], where)


def _find(document: dict[str, Any], target: str, where: str) -> list[jsonpath.JSONPathMatch]:
    try:
        matches = list(jsonpath.finditer(target, document, strict=True))
    except jsonpath.JSONPathError as error:
        raise SpecError(f"{where}: the target is no JSONPath (RFC 9535): {_one_line(error)}.") from error
    if not matches:
        raise SpecError(f"{where}: the target matches nothing in the document; check its spelling.")
    return matches


def _remove(match: jsonpath.JSONPathMatch, where: str) -> None:
    if match.parent is None:
        raise SpecError(f"{where}: the whole document cannot be removed.")
    container: Any = match.parent.obj
    del container[match.parts[-1]]


def _update(value: Any, update: Any, where: str) -> None:
    if isinstance(value, list):
        value.append(copy.deepcopy(update))
    elif isinstance(value, dict) and isinstance(update, dict):
        _merge(value, update)
    else:
        raise SpecError(f"{where}: an object is updated by an object and an array by an entry to append, nothing else.")


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        current = target.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            _merge(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(copy.deepcopy(value))
        else:
            target[key] = copy.deepcopy(value)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
