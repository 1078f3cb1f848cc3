"""The promises about logging in, the current user, reading a data source and following jobs (COMP-1, 2, 4, 6)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.client import Client
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.strategies import source_fields
from immuta_contracts.target import ROLES
from immuta_contracts.world import Json, Unprepared, World

LOGIN = "/bim/apikey/authenticate"
FORM = "application/x-www-form-urlencoded"
CURRENT_USER = "/bim/rpc/user/current"
STATES = ("created", "active", "completed", "failed", "cancelled", "expired", "retry")
WAIT = 20  # seconds for a job to end; less than a client waits for an answer
ENDED = ("completed", "failed", "cancelled", "expired")


def with_json(client: Client, key: str) -> Answer:
    return client.call("POST", LOGIN, json_body={"apikey": key}, role=None)


def with_form(client: Client, key: str) -> Answer:
    return client.call("POST", LOGIN, raw=urlencode({"apikey": key}).encode(), content_type=FORM, role=None)


def with_header(client: Client, key: str) -> Answer:
    return client.call("POST", LOGIN, authorization=key, role=None)


def with_bearer(client: Client, key: str) -> Answer:
    return client.call("POST", LOGIN, authorization=f"Bearer {key}", role=None)


WAYS = (with_json, with_form, with_header, with_bearer)


@promise("COMP-1", examples=0.25)
def test_a_valid_key_yields_a_token_that_works_at_once(w: World) -> None:
    for role in [role for role in ROLES if role in w.client.target.keys]:
        wanted = w.profile_of(role)
        for way in WAYS:
            answer = way(w.client, w.client.key(role))
            issued = w.client.issued(answer)
            w.expect_success(answer)
            told = isinstance(issued, dict) and isinstance(issued.get("token"), str) and issued["token"] != ""
            w.expect(told, f"a token for the key of {role} {way.__name__}", answer.text[:300])
            w.expect_equal(issued.get("authenticated", "<absent>"), True, f"authenticated {way.__name__}")
            w.expect("tokenExpiration" in issued, f"tokenExpiration {way.__name__}", sorted(issued))
            used = w.call("GET", CURRENT_USER, authorization=f"Bearer {issued['token']}", role=None)
            w.expect_success(used)
            w.expect(profile_id(used) == wanted, f"the token to be that of {role}, profile {wanted}", profile_id(used))


@promise("COMP-1", examples=0.25)
def test_a_bad_key_is_401_and_a_missing_one_400(w: World) -> None:
    key = w.client.key("owner")
    near = [w.client.hide(text) for text in (key[:-1], key[1:], key.swapcase()) if text != key]
    for bad in (*near, f"{key}x", f"no-such-key-{w.draw(st.integers(0, 10**6))}"):
        for way in WAYS:
            answer = way(w.client, bad)
            w.client.issued(answer)
            w.expect_status(answer, 401)
    w.expect_status(w.client.call("POST", LOGIN, json_body={}, role=None), 400)
    w.expect_status(w.client.call("POST", LOGIN, json_body={"key": "x"}, role=None), 400)
    w.expect_status(w.client.call("POST", LOGIN, raw=b"key=x", content_type=FORM, role=None), 400)
    w.expect_status(w.client.call("POST", LOGIN, role=None), 400)


def profile_id(answer: Answer) -> object:
    user = answer.json
    profile = user.get("profile") if isinstance(user, dict) else None
    return profile.get("id") if isinstance(profile, dict) else None


@promise("COMP-2", examples=0.25)
def test_the_current_user_has_an_integer_profile_id_of_its_own(w: World) -> None:
    seen: dict[object, str] = {}
    for role in [role for role in ROLES if role in w.client.target.keys]:
        answer = w.call("GET", CURRENT_USER, role=role)
        w.expect_success(answer)
        found = profile_id(answer)
        w.expect(type(found) is int, f"an integer profile.id for {role}", answer.text[:300])
        w.expect(found not in seen, f"a profile.id of {role} that is not that of {seen.get(found)}", found)
        again = profile_id(w.call("GET", CURRENT_USER, role=role))
        w.expect(again == found, f"the same profile.id {found} for {role} at the next call", again)
        seen[found] = role


@promise("COMP-4", on=C5, examples=0.25)
def test_reading_by_id_and_by_name_gives_the_same_object(w: World) -> None:
    made = w.make(**w.draw(st.fixed_dictionaries(source_fields())))
    expect_same_by_id_and_name(w, made)
    for near in (made.name[:-1], f"{made.name}x", made.name.swapcase(), f"{made.name}%"):
        w.expect_status(w.call("GET", named(near)), 404)


@promise("COMP-4", on=C5, examples=0.125)
def test_a_name_with_characters_that_need_encoding_leads_to_the_data_source(w: World) -> None:
    expect_same_by_id_and_name(w, w.make(name=f"{w.fresh_name()} a/b c%2Fd+e&f#g?h=é中😀'\";\\ÄÖ"))


def expect_same_by_id_and_name(w: World, made: Made) -> None:
    by_id, by_name = w.call("GET", made.source_path), w.call("GET", named(made.name))
    expect_described(w, made, by_id, "by id")
    expect_described(w, made, by_name, "by name")
    w.expect_equal(by_name.json, by_id.json, "the data source read by name")
    for told in ("true", "false"):
        again = w.call("GET", made.source_path, query={"updateStats": told})
        w.expect_equal(again.json, by_id.json, f"the data source read with updateStats={told}")


@promise("COMP-4", on=C5, examples=0.125)
def test_a_disabled_one_is_the_same_by_id_and_by_name(w: World) -> None:
    made = w.make()
    w.source_named(made.name)
    w.prepared(w.call("DELETE", made.source_path), "disabling the data source")
    by_id = w.source(made)
    w.expect_equal(w.source_named(made.name), by_id, "the disabled data source read by name")


@promise("COMP-4", on=C5, examples=0.125)
def test_after_renaming_the_new_name_leads_to_the_data_source(w: World) -> None:
    made, new = w.make(), w.fresh_name()
    w.source_named(made.name)
    w.prepared(w.call("PUT", made.source_path, {"name": new}), "renaming the data source")
    by_id = w.source(made)
    if by_id.get("name") != new:
        raise Unprepared("renaming the data source did not take")
    by_name = w.call("GET", named(new))
    w.expect_success(by_name)
    w.expect_equal(by_name.json, by_id, "the data source read by its new name")
    w.expect_status(w.call("GET", named(made.name)), 404)


def named(name: str) -> str:
    return "/dataSource/name/" + quote(name, safe="")


def expect_described(w: World, made: Made, answer: Answer, how: str) -> None:
    shown = w.expect_success(answer)
    wanted = {"id": made.data_source_id, "name": made.name, "deleted": False}
    w.expect_holds(shown, wanted, f"the data source read {how}")
    blob_handler = shown.get("blobHandler")
    url = blob_handler.get("url") if isinstance(blob_handler, dict) else None
    before, _, last = url.rpartition("/") if isinstance(url, str) else ("", "", "")
    ends = before.endswith(f"/{made.connector.prefix}/handler") and last.isdecimal()
    w.expect(ends, f"blobHandler.url to end in /{made.connector.prefix}/handler/ and an id", blob_handler)


@promise("COMP-6", on=C5, examples=0.25)
def test_statuses_maps_each_known_job_to_its_state(w: World) -> None:
    made = w.make()
    path = f"{made.handler_path}/triggerHighCardinalityJob"
    ids = [w.prepared(w.call("PUT", path), "starting a job") for _ in range(3)]
    if not all(isinstance(each, str) for each in ids) or len(set(ids)) < len(ids):
        raise Unprepared("starting jobs did not answer ids of their own")
    unknown = str(UUID(int=w.draw(st.integers(0, 2**128 - 1)), version=4))
    expect_statuses(w, [*ids, unknown], ids, wait=WAIT, pollInterval=1)
    expect_statuses(w, [ids[1]], ids[1:2])
    expect_statuses(w, [unknown, ids[0], ids[0], ids[2]], [ids[0], ids[2]], wait=0)
    expect_statuses(w, [unknown], [])
    expect_statuses(w, ids, ids, wait=-1)


def expect_statuses(w: World, asked: list[str], known: list[str], **options: int) -> None:
    """The answer has the known jobs of those asked for, and no others; all have ended since they were waited for."""
    answer = w.call("POST", "/jobs/statuses", {"jobIds": asked, **options})
    shown = w.expect_success(answer)
    w.expect(isinstance(shown, dict), "the states as a map from job ids", shown)
    w.expect(set(shown) == set(known), f"the states of {known}", sorted(shown))
    for job_id, job in shown.items():
        expect_job(w, job)
        w.expect_equal(job["id"], job_id, "the id of a job under its id")
        if job["state"] not in ENDED and answer.seconds >= WAIT:
            raise Unprepared(f"a job did not end within {WAIT} seconds")
        w.expect(job["state"] in ENDED, "a job to have ended after waiting for it", job)


def expect_job(w: World, job: object) -> None:
    fields = isinstance(job, dict) and all(name in job for name in ("id", "state", "output"))
    w.expect(fields, "a job to have id, state and output", job)
    assert isinstance(job, dict)
    w.expect(isinstance(job["id"], str), "the id of a job to be a string", job)
    w.expect(job["state"] in STATES, f"the state of a job to be one of {', '.join(STATES)}", job["state"])
    w.expect(job["output"] is None or isinstance(job["output"], str), "the output of a job: a string or null", job)


@promise("COMP-6", on=C5, examples=0.125)
def test_jobs_lists_the_jobs_of_a_bulk_id(w: World) -> None:
    count = 12 if w.connector == w.connectors[0] and not w.is_pinned else 3
    created = w.post_handler(w.several_body(count, metadata=plain_elements(w, count)))
    of_create = expect_jobs_of(w, created, count, "creating several")
    string = w.prepared(created).get("connectionString")
    selection = {"connectionString": string, "handler": {"metadata": {"staleDataTolerance": 60}}}
    of_bulk = expect_jobs_of(w, w.put_bulk(selection), count, "updating several in bulk")
    again = expect_jobs_of(w, w.put_bulk(selection), count, "updating the same again")
    everything = [*of_create, *of_bulk, *again]
    w.expect(len(set(everything)) == len(everything), "jobs that belong to one bulk id each", everything)
    unknown = str(UUID(int=w.draw(st.integers(0, 2**128 - 1)), version=4))
    w.expect_equal(w.expect_success(jobs(w, bulkId=unknown)), [], "the jobs of an unknown bulk id")
    w.expect_equal(w.expect_success(jobs(w, connectionString=string)), {}, "the jobs running where all have ended")


def plain_elements(w: World, count: int) -> list[Json]:
    """Metadata of several data sources of one connection, with nothing but what they need."""
    shared, name = w.at({"database": "d"}), w.fresh_name()
    tables = enumerate(w.tables(count))
    return [{**shared, "table": table, "dataSourceName": f"{name} {place}"} for place, table in tables]


def jobs(w: World, **query: Any) -> Answer:
    return w.call("GET", "/jobs", query=query)


def expect_jobs_of(w: World, started: Answer, count: int, what: str) -> list[str]:
    """The jobs of the bulk id answered: as many as announced or as there must be, each of them known; their ids."""
    answer: Mapping[str, object] = w.prepared(started, what)
    if not isinstance(answer.get("bulkId"), (str, int)):
        raise Unprepared(f"{what} did not answer a bulk id")
    listed = w.expect_success(jobs(w, bulkId=answer["bulkId"]))
    w.expect(isinstance(listed, list), f"the jobs of {what} as an array", listed)
    announced = sorted({count, answer.get("jobsCreated", count)}, key=str)
    w.expect(len(listed) in announced, f"{announced[-1]} jobs of {what}", listed)
    for job in listed:
        expect_job(w, job)
    ids = [job["id"] for job in listed]
    expect_statuses(w, ids, ids, wait=WAIT)
    return ids
