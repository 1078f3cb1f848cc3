"""What fills the pages of the site in: the document, the promises, properties, planted defects and clients."""

import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clients import CLIENTS, Client
from defects import DEFECTS
from immuta_contracts.promises import promises
from immuta_contracts.run import checks
from immuta_mock.spec import load_spec, operations
from immuta_mock.spec_walk import places

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = {
    "ref": "in the printed reference guide",
    "docs": "in other documentation that the vendor published",
    "client": "seen in public client code",
    "inferred": "nowhere stated, chosen here",
}
DEVIATION = re.compile(r"Deviation: (.+?)(?:\n\n|$)", re.DOTALL)
METHOD_LAST = re.compile(r"^(/[^.]+)\.(get|put|post|delete)$")
LOCKED = re.compile(r"^([\w-]+)==([\w.]+)", re.MULTILINE)

Facts = Mapping[str, Any]


def api() -> Facts:
    """The operations by tag."""
    document = load_spec()
    summaries = {place.name: place.operation["summary"] for place in places(document)}
    tags: defaultdict[str, list[Facts]] = defaultdict(list)
    for each in operations(document):
        tags[each.tag].append({**vars(each), "summary": summaries[each.operation_id]})
    return {"tags": tags, "version": document["info"]["version"]}


def tested() -> Facts:
    """The promises by family, and for each its operations, its properties and the defects they find."""
    families: defaultdict[str, list[Any]] = defaultdict(list)
    properties: defaultdict[str, list[Facts]] = defaultdict(list)
    applies: dict[str, str] = {}
    for each in promises().values():
        families[each.family].append(each)
        applies[each.id] = list(applies.values())[-1] if each.applies == "same" else each.applies
    for check in checks():
        file = check.body.__module__.replace(".", "/") + ".py"
        properties[check.promise or ""].append({"name": check.name, "file": f"contracts/{file}"})
    served = operations(load_spec())
    return {
        "promises": list(promises().values()),
        "families": families,
        "applies": applies,
        "properties": properties,
        "defects": {name: [d for d in DEFECTS.values() if d.promise == name] for name in promises()},
        "operations": {name: [o for o in served if name in o.promises] for name in promises()},
    }


def fidelity() -> Facts:
    """What is documented and what is not, and where the document departs from the reference guide."""
    listed = list(promises().values())
    document = load_spec()
    return {
        "promises": listed,
        "meanings": EVIDENCE,
        "counts": {tag: sum(tag in each.evidence for each in listed) for tag in EVIDENCE},
        "alone": {tag: [each for each in listed if each.evidence == (tag,)] for tag in EVIDENCE},
        "documented": [each for each in listed if {"ref", "docs"} & set(each.evidence)],
        "deviations": [
            (METHOD_LAST.sub(r"\2 \1", where), " ".join(found.split()))
            for where, node in _objects(document)
            if isinstance(node.get("description"), str)
            for found in DEVIATION.findall(node["description"])
        ],
        "relaxed": [where for where, node in _objects(document) if node.get("x-documented-required") is True],
        "limits": _section((ROOT / "README.md").read_text("utf-8"), "What it does not do"),
    }


def codegen() -> Facts:
    """For each client the commands that install its generator, at the version that is tried, and run it."""
    versions = dict(LOCKED.findall((ROOT / "tools" / "requirements.lock").read_text("utf-8")))
    versions |= json.loads((ROOT / "tools" / "package.json").read_text("utf-8"))["devDependencies"]
    return {"clients": [_client(each, versions) for each in CLIENTS]}


def _client(client: Client, versions: Mapping[str, str]) -> Facts:
    command, at = ("npm install", "@") if client.name == "typescript" else ("pip install", "==")
    packages = " ".join(f"{name}{at}{versions[name]}" for name in client.packages)
    return {
        **vars(client),
        "install": f"{command} {packages}",
        "generate": _lines(shlex.join(part.format(spec="openapi.yaml", out="client") for part in client.generate)),
        "example": next((ROOT / "tests" / "codegen" / client.name).rglob(client.program)).relative_to(ROOT),
    }


def _lines(command: str) -> str:
    """The command with each option on a line of its own."""
    return command.replace(" --", " \\\n    --")


def _objects(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its place, as short as it reads."""
    if isinstance(node, dict):
        yield where or "/", node
        for name, value in node.items():
            left_out = name in ("paths", "components", "schemas", "properties", "parameters", "allOf")
            yield from _objects(value, where if left_out else f"{where}.{name}".lstrip("."))
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value, where)


def _section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip()
