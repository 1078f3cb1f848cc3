"""The account of a run in words: what the fence kept back, what trouble was met, and what the run was."""

from immuta_contracts.reports.document import Document

TIMES = "\N{MULTIPLICATION SIGN}"
Rows = list[tuple[str, list[str]]]
"""What something is called, and what is to be said of it: one text, or a list of them."""


def fence(whole: Document) -> Rows:
    """What was kept from the target, and what is left there."""
    kept = whole.get("fence")
    rows: Rows = []
    if kept:
        refused = [f"{each['count']} {TIMES} {each['reason']}" for each in kept["refused"]]
        rows = [("mode", [kept["mode"]]), ("passed", [f"{kept['passed']} requests"])]
        rows += [("kept back before they were sent", refused or ["nothing"])]
    return [*rows, ("left behind on the target", whole["left_behind"] or ["nothing"])]


def way(whole: Document) -> Rows:
    """What it took to get answers."""
    met = whole.get("trouble")
    if not met:
        return []
    kinds = [f"{count} {TIMES} {kind}" for kind, count in met["trouble"].items()]
    rows = [
        ("trouble met", kinds or ["none"]),
        ("requests on the wire", [f"{met['sent']}, {met['retries']} of them sent again"]),
        ("given up", [f"{met['given_up']} requests"]),
        ("waited", [f"{met['waited_seconds']:g} s"]),
    ]
    return rows + ([("ended early", [met["ended"]])] if met["ended"] else [])


def circumstances(whole: Document) -> Rows:
    """What was judged, by what, and on what."""
    shard, environment = whole.get("shard", {"of": 1}), whole["environment"]
    part = [("shard", [f"{shard['index']} of {shard['of']}: the others have the rest"])] if shard["of"] > 1 else []
    spec = environment["spec"]
    return [
        ("seed", [str(whole["seed"])]),
        ("profile", [whole["profile"]]),
        *part,
        ("asked for", [whole.get("only") or "everything"]),
        ("connectors in scope", [", ".join(whole.get("scope") or ["all"])]),
        ("a broken promise fails the run if it is", [", ".join(f"[{tag}]" for tag in whole.get("gate") or [])]),
        ("judged by", [f"{spec['title']} {spec['version']}, sha256 {spec.get('sha256', '')[:12]}"]),
        ("on", [f"Python {environment['python']}, {environment['platform']}"]),
        ("with", [f"{name} {version}" for name, version in environment["packages"].items()]),
    ]
