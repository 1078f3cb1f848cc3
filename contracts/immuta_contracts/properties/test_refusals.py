"""ERR-5, ERR-6 and ERR-7: names that are taken, tables registered twice in one payload, callers without the role."""

from collections.abc import Iterator

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.strategies import identifiers
from immuta_contracts.valid import Call, bulk_body, foreign, several_body, stand, strict_body, update_body, valid_call
from immuta_contracts.world import Json, Unprepared, World

DUPLICATES = "duplicate tables are specified in the payload."
TABLE = ("hostname", "database", "schema", "table")
PERMISSION = "CREATE_DATA_SOURCE"
NOT_OWNERS = ("reader", "expert", "second_owner", "governor")


# ERR-5


@promise("ERR-5", on=C5, examples=0.25)
def test_a_create_under_a_taken_name_is_422(w: World) -> None:
    taken = stand(w)
    _expect_taken(w, w.post_handler(strict_body(w, w.metadata()) | _called(w, taken.name)), "a create")
    for count, position in ((1, 0), (2, 0), (2, 1), (3, w.draw(st.integers(0, 2)))):
        body = several_body(w, count)
        body["handler"][position]["metadata"]["dataSourceName"] = taken.name
        with w.attempt():
            _expect_taken(w, w.post_handler(body), f"element {position} of {count}")


@promise("ERR-5", on=C5, examples=0.25)
def test_one_name_for_two_elements_is_422(w: World) -> None:
    body = several_body(w, 3)
    first, last = (body["handler"][index]["metadata"] for index in (0, 2))
    last["dataSourceName"] = first["dataSourceName"]
    with w.attempt():
        _expect_taken(w, w.post_handler(body), "two elements of one name")
    last.update({name: first[name] for name in TABLE if name in first})
    _expect_taken(w, w.post_handler(body), "two elements of one name and one table")


@promise("ERR-5", on=C5, examples=0.25)
def test_renaming_to_a_taken_name_is_422(w: World) -> None:
    taken, made = stand(w), stand(w)
    other = stand(
        w, hostname=made.metadata["hostname"], database=made.metadata["database"], **w.unless_pinned(port=1234)
    )
    update = update_body(made, dataSourceName=taken.name)
    with w.attempt():
        _expect_taken(w, w.call("PUT", made.handler_path, update), "an update")
    with w.attempt():
        _expect_taken(w, w.put_bulk(bulk_body(made, dataSourceName=taken.name)), "a bulk update")
    both = {
        "handler": {"metadata": {"dataSourceName": w.fresh_name()}},
        "ids": [made.data_source_id, other.data_source_id],
    }
    _expect_taken(w, w.put_bulk(both), "one name for two data sources in bulk")


def _called(w: World, name: str) -> Json:
    """The `dataSource` of a create body, with a given name."""
    return {"dataSource": w.single_body(name=name, private=True, organization="contract")["dataSource"]}


def _expect_taken(w: World, answer: Answer, what: str) -> None:
    body = answer.json if isinstance(answer.json, dict) else {}
    validation, message = body.get("validation"), body.get("message")
    first = validation[0] if isinstance(validation, list) and validation else None
    good = (
        answer.status == 422
        and isinstance(message, str)
        and "already exists" in message
        and isinstance(first, dict)
        and first.get("code") == "unique"
    )
    w.need_valid(answer)
    expected = f"422 with `already exists` and validation[0].code `unique` for a taken name in {what}"
    w.expect(good, expected, f"{answer.status}: {answer.text[:500]}")


# ERR-6


@promise("ERR-6", on=C5, examples=0.5)
def test_one_table_in_two_elements_is_422(w: World) -> None:
    table = w.at({"database": w.draw(identifiers()), "table": w.draw(identifiers())})
    schema: Json = {"schema": w.draw(identifiers())} if w.draw(st.booleans()) else {}
    for count in (2, 3):
        body = several_body(w, count)
        for index in (0, count - 1):
            ports = w.unless_pinned(port=1000 + index)
            metadata = {**w.metadata(**w.unless_pinned(schema=...)), **table, **w.unless_pinned(**schema), **ports}
            body["handler"][index]["metadata"] = {**metadata, "dataSourceName": w.fresh_name()}
        with w.attempt():
            answer = w.post_handler(body)
            message = answer.json.get("message") if isinstance(answer.json, dict) else None
            good = answer.status == 422 and message == DUPLICATES
            w.expect(good, f"422 with {DUPLICATES!r}", f"{answer.status}: {answer.text[:500]}")


@promise("ERR-6", on=C5, once=True)
def test_tables_that_differ_in_host_database_schema_or_name_are_not_the_same(w: World) -> None:
    for different in TABLE:
        body = several_body(w, 2)
        same = {"hostname": w.fresh_host(), "database": "sales", "schema": "public", "table": "t"}
        for index, element in enumerate(body["handler"]):
            element["metadata"].update(same, **({different: f"other{w.fresh_host()}"} if index else {}))
        _expect_no_duplicate(w, w.post_handler(body), f"two tables that differ in {different}")


@promise("ERR-6", on=C5, once=True)
def test_a_table_may_be_registered_again_under_another_name(w: World) -> None:
    made = stand(w)
    _expect_no_duplicate(w, w.post_handler(strict_body(w, made.metadata)), "a table registered before")


def _expect_no_duplicate(w: World, answer: Answer, what: str) -> None:
    w.expect(answer.status != 422, f"no 422 for {what}", f"{answer.status}: {answer.text[:500]}")
    w.prepared(answer, f"creating {what}")


# ERR-7


@promise("ERR-7", on=C5, once=True)
def test_creating_without_the_permission_is_403(w: World) -> None:
    w.need("reader")
    taken = stand(w)
    for role in _present(w, "reader", "expert", "governor"):
        if PERMISSION in _permissions(w, role):
            w.note(f"the {role} may create data sources, so that a create is refused was not tried as {role}")
            continue
        for body in (strict_body(w, w.metadata()), several_body(w, 2), taken.body):
            with w.attempt():
                _expect_forbidden(w, w.post_handler(body, role=role), f"a create by the {role}")


@promise("ERR-7", on=C5, once=True)
def test_only_an_owner_may_update_start_jobs_and_remove(w: World) -> None:
    w.need("reader")
    body = strict_body(w, w.metadata(columns=[]))
    experts = [w.profile_of(role) for role in _present(w, "expert")]
    body["dataSource"]["expert"] = {"profiles": experts, "groups": []}
    made = w.make(body=body)
    for role in _present(w, *NOT_OWNERS):
        for what, call in _for_owners(w, made):
            if role == "governor" and what == "deleteDataSource":
                continue
            with w.attempt():
                _expect_forbidden(w, call.send(w, role=role), f"{what} by the {role}")


@promise("ERR-7", on=C5, once=True)
def test_a_bulk_update_of_one_source_of_somebody_else_is_403(w: World) -> None:
    w.need("second_owner")
    made = stand(w, port=2345)
    with foreign(w, {**made.metadata, "table": "other"}) as other:
        for caller, own, theirs in (("owner", made, other), ("second_owner", other, made)):
            metadata = {"handler": {"metadata": {"staleDataTolerance": 1}}}
            for selection in (
                {"connectionString": made.connection_string},
                {"ids": [own.data_source_id, theirs.data_source_id]},
                {"ids": [theirs.data_source_id]},
            ):
                answer = w.put_bulk({**metadata, **selection}, role=caller)
                _expect_forbidden(w, answer, f"a bulk update by the {caller} of a data source of somebody else")


@promise("ERR-7", on=C5, once=True)
def test_a_profile_made_owner_has_the_role(w: World) -> None:
    w.need("second_owner")
    body = strict_body(w, w.metadata(columns=[]))
    body["dataSource"]["owner"] = {"profiles": [w.profile_of("second_owner")], "groups": []}
    made = w.make(body=body)
    for what, call in _for_owners(w, made):
        answer = call.send(w, role="second_owner")
        w.expect(answer.status != 403, f"no 403 for {what} by an owner", f"{answer.status}: {answer.text[:500]}")


def _for_owners(w: World, made: Made) -> Iterator[tuple[str, Call]]:
    """Valid requests about a data source that only its owners may send."""
    ids = {"ids": [made.data_source_id]}
    for operation in w.routes.operations:
        if operation.connector == w.connector and operation.method == "PUT":
            yield operation.id, valid_call(w, operation, made=made)
    bulk = {"handler": {"metadata": {"staleDataTolerance": 1}}, **ids}
    yield "a bulk update by ids", Call("PUT", f"/{w.connector.prefix}/bulk", bulk)
    yield "updateDataSource", Call("PUT", made.source_path, {"deleted": False})
    yield "deleteDataSource", Call("DELETE", made.source_path)


def _expect_forbidden(w: World, answer: Answer, what: str) -> None:
    w.need_valid(answer)
    w.expect(answer.status == 403, f"403 for {what}", f"{answer.status}: {answer.text[:500]}")


def _present(w: World, *roles: str) -> list[str]:
    """The roles that the target has keys for; a note says which are missing."""
    missing = [role for role in roles if role not in w.client.target.keys]
    if missing:
        w.note(f"no API key of the {', '.join(missing)}: not tried as such a user")
    return [role for role in roles if role not in missing]


def _permissions(w: World, role: str) -> list[object]:
    user = w.prepared(w.call("GET", "/bim/rpc/user/current", role=role), "reading the current user")
    permissions = user.get("permissions") if isinstance(user, dict) else None
    if not isinstance(permissions, list):
        raise Unprepared(f"the permissions of the {role} are not known")
    return permissions
