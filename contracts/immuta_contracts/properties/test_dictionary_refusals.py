"""The promises about what the dictionary operations refuse, and whom (DICT-2, 9, 10, 11, 12)."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.dictionaries import (
    ESSENTIALS,
    column_lists,
    plain_column,
    turn,
    turned,
    with_dictionary,
    without_dictionary,
)
from immuta_contracts.exchange import Answer
from immuta_contracts.strategies import identifiers
from immuta_contracts.world import Json, World

FORBIDDEN = "User must have one of the following roles to delete dictionary: owner,expert."
NO_STRINGS: tuple[Any, ...] = (None, 7, True, ["text"], {"text": "text"})
NO_LISTS: tuple[Any, ...] = (None, "text", 7, True, plain_column("kind"))
NO_COLUMNS: tuple[Any, ...] = (None, "kind", 7, True, ["kind"])
GREATEST = 2**31 - 1  # what fits any integer column; no tenant has got so far


@promise("DICT-2", on=C5, examples=0.125)
def test_a_body_without_a_required_part_is_refused(w: World) -> None:
    made = without_dictionary(w, w.make())
    for body, fault in incomplete_bodies(w):
        expect_refused(w, w.call("POST", made.dictionary_path, body), fault)
    w.prepared(w.call("POST", made.dictionary_path, {"metadata": [plain_column("kind")]}), "creating a dictionary")
    for body, fault in incomplete_bodies(w):
        expect_refused(w, w.call("PUT", made.dictionary_path, body), fault)


def incomplete_bodies(w: World) -> Iterator[tuple[object, str]]:
    """Bodies that lack one required part, or have it of a wrong type; each connector tries its share of the types."""
    share = turn(w)
    yield {}, "no metadata"
    yield {"metadata": NO_LISTS[share]}, f"{NO_LISTS[share]!r} as metadata"
    yield [plain_column("kind")], "a bare list of columns as body"
    yield among_valid(w, NO_COLUMNS[share]), f"{NO_COLUMNS[share]!r} as a column"
    for place, field in enumerate(ESSENTIALS):
        column = {name: value for name, value in plain_column("kind").items() if name != field}
        wrong = NO_STRINGS[(share + place) % len(NO_STRINGS)]
        yield among_valid(w, column), f"a column without {field}"
        yield {"metadata": [column]}, f"the only column without {field}"
        yield among_valid(w, {**column, field: wrong}), f"a column with {wrong!r} as {field}"


def among_valid(w: World, column: object) -> Json:
    """A body with the column at some place among valid ones."""
    valid = [plain_column("first"), plain_column("second")]
    return {"metadata": turned(w, (*valid, column))}


def expect_refused(w: World, answer: Answer, fault: str) -> None:
    w.expect(answer.status >= 400, f"a body with {fault} to be refused", answer.status)


@promise("DICT-2", on=C5, examples=0.25)
def test_a_body_with_the_required_parts_alone_is_taken(w: World) -> None:
    columns = [plain_column(name) for name in w.draw(st.lists(identifiers(), min_size=1, max_size=5, unique=True))]
    made = without_dictionary(w, w.make())
    first, second = turned(w, ([], columns))
    for method, metadata in (("POST", first), ("PUT", second), ("PUT", first)):
        answer = w.call(method, made.dictionary_path, {"metadata": metadata})
        w.expect(answer.status < 300, f"{method} of {len(metadata)} such columns to be taken", answer.text[:300])


@promise("DICT-9", on=C5, examples=0.25)
def test_post_is_refused_where_a_dictionary_exists(w: World) -> None:
    columns = w.draw(column_lists(min_size=1))
    made = with_dictionary(w, columns)
    for sent in (columns, w.draw(column_lists()), []):
        expect_exists(w, w.call("POST", made.dictionary_path, {"metadata": sent}))
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": []}), "emptying the dictionary")
    expect_exists(w, w.call("POST", made.dictionary_path, {"metadata": columns}))


def expect_exists(w: World, answer: Answer) -> None:
    w.expect_status(answer, 400)
    message = answer.json.get("message")
    reason = message.removeprefix("Bad request: ").strip(" .") if isinstance(message, str) else ""
    spelled = isinstance(message, str) and message.startswith("Bad request: ") and reason != ""
    w.expect(spelled, "a message 'Bad request: ' with a reason", message)


@promise("DICT-10", on=C5, examples=0.25)
def test_without_a_dictionary_the_answer_is_404(w: World) -> None:
    never = without_dictionary(w, w.make())
    once = with_dictionary(w, w.draw(column_lists()))
    w.dictionary(once)
    w.prepared(w.call("DELETE", once.dictionary_path), "deleting the dictionary")
    for made in (never, once):
        for method in turned(w, ("GET", "PUT", "DELETE")):
            w.expect_status(dictionary_call(w, method, made.dictionary_path), 404)


def dictionary_call(w: World, method: str, path: str, **options: Any) -> Answer:
    """One of the dictionary operations with a body that it takes."""
    if method in ("POST", "PUT"):
        return w.call(method, path, {"metadata": [plain_column("kind")]}, **options)
    return w.call(method, path, **options)


@promise("DICT-11", on=C5, examples=0.125)
def test_an_unknown_data_source_is_404(w: World) -> None:
    removed, kept = with_dictionary(w, [plain_column("kind")]), with_dictionary(w, [plain_column("kind")])
    w.dictionary(removed)
    for _ in range(2):
        w.prepared(w.call("DELETE", removed.source_path), "removing the data source")
    unused = GREATEST - w.draw(st.integers(0, 1000))
    of_others = [other for other in (kept.handler_id, w.dictionary(kept).get("id")) if is_free(w, other)]
    for identifier in (removed.data_source_id, unused):
        if not is_free(w, identifier):
            w.cannot(f"data source {identifier} exists although it should not")
    for unknown in (removed.data_source_id, unused, *of_others):
        for method in ("GET", "PUT", "DELETE", "POST"):
            for role in roles(w, "owner", "reader"):
                answer = dictionary_call(w, method, f"/dictionary/{unknown}", role=role)
                w.expect_status(answer, 404)
                w.expect_equal(answer.json.get("message"), "Data source not found.", f"the message of {method}")


def is_free(w: World, identifier: object) -> bool:
    """Whether a number is the id of no data source, though it may be one of a handler or a dictionary."""
    return type(identifier) is int and w.call("GET", f"/dataSource/{identifier}").status == 404


def roles(w: World, *wanted: str) -> list[str]:
    """Those of the roles that the target has a key for; a note says which are missing."""
    missing = [role for role in wanted if role not in w.client.target.keys]
    if missing:
        w.note(f"no API key of {', '.join(missing)}, so not tried as such")
    return [role for role in wanted if role not in missing]


@promise("DICT-12", on=C5, examples=0.125)
def test_who_is_neither_owner_nor_expert_may_not_write(w: World) -> None:
    strangers = roles(w, "reader", "expert", "second_owner", "governor")
    if not strangers:
        w.cannot("no API key but the owner's")
    bare, made = without_dictionary(w, w.make()), with_dictionary(w, w.draw(column_lists(min_size=1)))
    elsewhere = {"profiles": [w.profile_of(role) for role in strangers], "groups": []}
    w.make(owner=elsewhere, expert=elsewhere)
    for role in strangers:
        tries = (("POST", bare), ("POST", made), ("PUT", made), ("DELETE", made))
        for method, target in tries:
            answer = dictionary_call(w, method, target.dictionary_path, role=role)
            w.expect_status(answer, 403)
            w.expect_equal(answer.json.get("message"), FORBIDDEN, f"the message of {method} for {role}")


@promise("DICT-12", on=C5, examples=0.125)
def test_owners_and_experts_may_write(w: World) -> None:
    named = roles(w, "expert", "reader", "second_owner")
    sharing = dict(zip(("expert", "reader", "second_owner"), ("expert", "expert", "owner"), strict=True))
    given: dict[str, Any] = {"expert": {"profiles": [], "groups": []}, "owner": {"profiles": [], "groups": []}}
    for role in named:
        given[sharing[role]]["profiles"].append(w.profile_of(role))
    made = without_dictionary(w, w.make(**given))
    for role in ("owner", *named):
        for method in ("POST", "PUT", "DELETE"):
            answer = dictionary_call(w, method, made.dictionary_path, role=role)
            w.expect(answer.status < 300, f"{method} by {role} to succeed", f"{answer.status}: {answer.text[:300]}")


@promise("DICT-12", on=C5, examples=0.125)
def test_anybody_authenticated_may_read(w: World) -> None:
    made = with_dictionary(w, w.draw(column_lists(min_size=1)))
    wanted = w.dictionary(made)
    for role in roles(w, "reader", "expert", "second_owner", "governor"):
        answer = w.call("GET", made.dictionary_path, role=role)
        w.expect_status(answer, 200)
        w.expect_equal(answer.json, wanted, f"the dictionary read by {role}")
        w.expect_status(w.call("GET", "/dictionary/columns", role=role), 200)
