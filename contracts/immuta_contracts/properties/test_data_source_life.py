"""The promise about the end of a data source: disabled, restored, removed (COMP-5)."""

from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.dictionaries import column_lists, plain_column
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.rewriting import place
from immuta_contracts.strategies import source_fields
from immuta_contracts.world import Json, World

MOVING = ("deleted", "updatedAt")  # what disabling and restoring may change
UNUSED = 2**31 - 1


def answered(answer: Answer) -> str:
    return f"{answer.status}: {answer.text[:300]}"


def delete(w: World, made: Made, *, hard: bool) -> None:
    """DELETE, which has to disable or to remove."""
    answer = w.call("DELETE", made.source_path)
    doing = "removes" if hard else "disables"
    w.expect(answer.status == 200, f"the DELETE that {doing} to succeed", answered(answer))
    wanted = {"id": made.data_source_id, "hardDelete": hard}
    w.expect_holds(answer.json, wanted, f"the answer to the DELETE that {doing}")


def restore(w: World, made: Made) -> Any:
    answer = w.call("PUT", made.source_path, {"deleted": False})
    w.expect(answer.status == 200, 'PUT of {"deleted": false} to succeed', answered(answer))
    w.expect_holds(answer.json, {"id": made.data_source_id, "deleted": False}, "the answer to restoring")
    return answer.json


def make_whole(w: World) -> Made:
    """A data source with a dictionary, and all fields written, none of them as it is when left out."""
    columns = [plain_column("kind"), *w.draw(column_lists(max_size=2).filter(lambda each: "kind" not in names(each)))]
    given = {**w.draw(st.fixed_dictionaries(source_fields())), "private": False, "hasExamples": True}
    said = {name: f"{name} {given[name]}" for name in ("organization", "category", "description")}
    return w.make(metadata=w.metadata(columns=columns), **{**given, **said})


def names(columns: list[Json]) -> list[str]:
    return [each["name"] for each in columns]


def by_name(made: Made) -> str:
    return "/dataSource/name/" + quote(made.name, safe="")


def still(shown: Json) -> Json:
    return {name: value for name, value in shown.items() if name not in MOVING}


def expect_as_before(w: World, made: Made, before: Json, deleted: bool, when: str) -> None:
    for path in (made.source_path, by_name(made)):
        answer = w.call("GET", path)
        w.expect(answer.status == 200 and isinstance(answer.json, dict), f"{path} to be there {when}", answered(answer))
        w.expect_equal(answer.json.get("deleted", "<absent>"), deleted, f"deleted {when}")
        for name, value in still(before).items():
            w.expect_equal(answer.json.get(name, "<absent>"), value, f"{name} of the data source {when}")


@promise("COMP-5", on=C5, examples=0.25)
def test_the_first_delete_disables_and_changes_only_deleted(w: World) -> None:
    made = make_whole(w)
    before, handler, dictionary = w.source_named(made.name), w.handler(made), w.dictionary(made)
    delete(w, made, hard=False)
    expect_as_before(w, made, before, True, "after the first DELETE")
    for path, wanted in ((made.handler_path, handler), (made.dictionary_path, dictionary)):
        answer = w.call("GET", path)
        w.expect(answer.status == 200, f"{path} to stay readable after the first DELETE", answered(answer))
        w.expect_equal(answer.json, wanted, f"{path} after the first DELETE")
    expect_in_list(w, made, deleted=True)
    taken = w.post_handler(w.single_body(name=made.name, metadata=place(w)))
    w.expect(taken.status >= 400, "the name of a disabled data source to stay taken", answered(taken))
    expect_bulk_reaches(w, made)


def expect_in_list(w: World, made: Made, *, deleted: bool | None) -> None:
    """The list holds the data source, disabled or not, or (None) does not hold it any more."""
    query = {"connectionString": made.connection_string, **w.among_own}
    shown = w.prepared(w.call("GET", "/dataSource", query=query), "listing")
    hits = shown.get("hits") if isinstance(shown, dict) else None
    own = [hit for hit in hits or () if isinstance(hit, dict) and hit.get("id") == made.data_source_id]
    if deleted is None:
        w.expect(not own, "a removed data source to be out of the list", own)
    else:
        w.expect(bool(own), "a data source to stay in the list until it is removed", hits)
        w.expect_equal(own[0].get("deleted", "<absent>"), deleted, "deleted of the data source in the list")


def expect_bulk_reaches(w: World, made: Made) -> None:
    neighbour = w.make(metadata=place(w))
    metadata = {"handler": {"metadata": {"staleDataTolerance": 4711}}}
    for each in (made, neighbour):
        answer = w.put_bulk({**metadata, "connectionString": each.connection_string})
        w.prepared(answer, "updating in bulk")
        w.wait_for_jobs(answer)
    if w.read_metadata(neighbour).get("staleDataTolerance") == 4711:  # else it is the bulk update that is broken
        seen = w.read_metadata(made).get("staleDataTolerance")
        w.expect(seen == 4711, "a bulk update to reach a disabled data source", seen)


@promise("COMP-5", on=C5, examples=0.25)
def test_deleted_false_restores_and_is_harmless_on_an_enabled_one(w: World) -> None:
    made = make_whole(w)
    before = w.source(made)
    restore(w, made)
    expect_as_before(w, made, before, False, "after restoring what is enabled")
    delete(w, made, hard=False)
    restored = restore(w, made)
    for name, value in still(before).items():
        w.expect_equal(restored.get(name, "<absent>"), value, f"{name} in the answer to restoring")
    expect_as_before(w, made, before, False, "after restoring")
    expect_in_list(w, made, deleted=False)
    delete(w, made, hard=False)
    expect_as_before(w, made, before, True, "after disabling a second time")


@promise("COMP-5", on=C5, examples=0.25)
def test_a_delete_of_a_disabled_one_removes_everything_of_it(w: World) -> None:
    made, neighbour = make_whole(w), w.make(metadata=place(w))
    kept = w.source(neighbour)
    for path in (by_name(made), made.source_path, made.handler_path, made.dictionary_path):
        w.prepared(w.call("GET", path), f"reading {path}")
    delete(w, made, hard=False)
    delete(w, made, hard=True)
    expect_gone(w, "GET", by_name(made), "/dataSource/name/" + quote(w.fresh_name(), safe=""))
    for method, path in operations(made):
        expect_gone(w, method, path.format(h=made.handler_id, d=made.data_source_id), path.format(h=UNUSED, d=UNUSED))
    expect_in_list(w, made, deleted=None)
    expect_as_before(w, neighbour, kept, False, "after removing another")
    again = w.post_handler(w.single_body(name=made.name, metadata=place(w)))
    w.expect(again.status == 200, "the name of a removed data source to be free", answered(again))


def operations(made: Made) -> list[tuple[str, str]]:
    """Every operation on one data source: its own, those of its handler and of its dictionary."""
    handler = f"/{made.connector.prefix}/handler/{{h}}"
    jobs = ["triggerHighCardinalityJob", *(["refreshNativeViewJob"] if made.connector.native_view else [])]
    return [
        *(("GET", path) for path in ("/dataSource/{d}", handler, "/dictionary/{d}")),
        *(("PUT", path) for path in ("/dataSource/{d}", handler, "/dictionary/{d}")),
        *(("PUT", f"{handler}/{job}") for job in jobs),
        *(("DELETE", path) for path in ("/dictionary/{d}", "/dataSource/{d}")),
        ("POST", "/dictionary/{d}"),
    ]


def expect_gone(w: World, method: str, path: str, unknown: str) -> None:
    """404; another refusal is another promise's if anything unknown is refused so."""
    answer = send(w, method, path)
    if answer.status != 404:
        alike = answer.status >= 400 and refusal_of_unknown(w, method, unknown) == answer.status
        w.expect(alike, f"{method} {path} to be 404", answered(answer))


def refusal_of_unknown(w: World, method: str, path: str) -> int | None:
    """How the same is refused of what never was, unless reading shows that it is."""
    unused = w.call("GET", "/".join(path.split("/")[:4])).status >= 400
    return send(w, method, path).status if unused else None


def send(w: World, method: str, path: str) -> Answer:
    """An operation with a body that it takes."""
    bodies: dict[str, Json] = {
        "dataSource": {"deleted": False},
        "dictionary": {"metadata": [plain_column("kind")]},
        w.connector.prefix: {"handler": {"metadata": w.at({"database": "d", "table": "t"})}},
    }
    if method in ("GET", "DELETE") or path.endswith("Job"):
        return w.call(method, path)
    return w.call(method, path, bodies[path.split("/")[1]])
