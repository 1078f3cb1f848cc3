"""What moves a tenant on: its time, its jobs, its users and their tokens."""

from datetime import timedelta

from immuta_mock.answers import timestamp
from immuta_mock.control.asked import Asked, Json
from immuta_mock.control.handlers.faults import require
from immuta_mock.errors import BadRequest
from immuta_mock.store.entries import job_entry, moment, user_entry, user_of
from immuta_mock.users import UsersError

# Time


def get_time(asked: Asked) -> Json:
    """`GET /time`"""
    clock = asked.tenant.store.clock
    return {"now": timestamp(clock()), "frozen": clock.frozen}


def freeze_time(asked: Asked) -> Json:
    """`POST /time/freeze`"""
    asked.tenant.store.freeze(moment(asked.payload["at"]) if "at" in asked.payload else None)
    return get_time(asked)


def advance_time(asked: Asked) -> Json:
    """`POST /time/advance`"""
    asked.tenant.store.advance(timedelta(seconds=asked.payload["seconds"]))
    return get_time(asked)


def resume_time(asked: Asked) -> Json:
    """`POST /time/resume`"""
    asked.tenant.store.resume()
    return get_time(asked)


# Jobs


def list_jobs(asked: Asked) -> list[Json]:
    """`GET /jobs`"""
    return [job_entry(job) for job in asked.tenant.store.all_jobs()]


def complete_job(asked: Asked) -> Json:
    """`POST /jobs/{jobId}/complete`"""
    return job_entry(asked.tenant.store.complete_job(asked.values["job_id"]))


def fail_job(asked: Asked) -> Json:
    """`POST /jobs/{jobId}/fail`"""
    output = asked.payload.get("output", "The job was made to fail.")
    return job_entry(asked.tenant.store.fail_job(asked.values["job_id"], output))


# Users


def list_users(asked: Asked) -> list[Json]:
    """`GET /users`"""
    return [user_entry(user) for user in asked.tenant.store.users]


def add_user(asked: Asked) -> Json:
    """`POST /users`"""
    user = user_of(asked.payload)
    try:
        asked.tenant.store.add_user(user)
    except UsersError as error:
        raise BadRequest(str(error)) from None
    return user_entry(user)


def expire_tokens(asked: Asked) -> Json:
    """`POST /tokens/expire`"""
    name = asked.payload.get("user")
    require("user", name, [user.name for user in asked.tenant.store.users])
    return {"expired": asked.tenant.store.expire_tokens(name)}
