"""The operations on jobs, companions of the reference's own."""

from typing import Any

from immuta_mock import answers
from immuta_mock.errors import BadRequest
from immuta_mock.store import Store

Json = dict[str, Any]


def get_job_statuses(*, store: Store, payload: Json) -> Json:
    """`POST /jobs/statuses`; may wait, see `may_wait`."""
    found = store.job_statuses(
        payload["jobIds"], wait=payload.get("wait", 0), poll_interval=payload.get("pollInterval", 1)
    )
    return {job_id: answers.job(job) for job_id, job in found.items()}


def list_jobs(*, store: Store, bulk_id: str | None, connection_string: str | None) -> Json | list[Json]:
    """`GET /jobs`: the jobs of a bulk id, or the number of those running on a connection string."""
    if bulk_id is not None:
        return [answers.job(job) for job in store.jobs_of_bulk(bulk_id)]
    if connection_string is None:
        raise BadRequest("query parameter bulkId or connectionString is missing (a string)")
    pending = store.pending_jobs(connection_string)
    return {"pending": pending} if pending else {}
