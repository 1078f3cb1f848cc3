"""Planted defects of following jobs: COMP-6."""

from typing import Any

from planting import Reply, Seen, Wire, on_wire
from planting_refusals import refusal


class AnswerOfStatuses(Wire):
    """Changes the states of jobs."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.path == "/jobs/statuses" and reply.status == 200:
            self.change(reply.json)

    def change(self, states: Any) -> None:
        raise NotImplementedError


@on_wire("COMP-6")
class UnknownJobsAreNull(Wire):
    """An unknown job id is mapped to null."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.path == "/jobs/statuses" and reply.status == 200:
            reply.json = {job_id: reply.json.get(job_id) for job_id in seen.json["jobIds"]}


@on_wire("COMP-6")
class OneJobAtATime(AnswerOfStatuses):
    """Of several jobs only the first known one is answered."""

    def change(self, states: Any) -> None:
        for job_id in list(states)[1:]:
            del states[job_id]


@on_wire("COMP-6")
class StateInCapitals(AnswerOfStatuses):
    """The state of a completed job is COMPLETED."""

    def change(self, states: Any) -> None:
        for job in states.values():
            job["state"] = job["state"].upper()


@on_wire("COMP-6")
class NoOutputIsLeftOut(AnswerOfStatuses):
    """A job without output has no output member."""

    def change(self, states: Any) -> None:
        for job in states.values():
            if job["output"] is None:
                del job["output"]


@on_wire("COMP-6")
class JobsStayActive(AnswerOfStatuses):
    """A job never ends, however long one waits."""

    def change(self, states: Any) -> None:
        for job in states.values():
            job["state"] = "active"


class AnswerOfJobs(Wire):
    """Changes the list of the jobs of a bulk id."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "jobs") and self.concerns((seen.query.get("bulkId") or [""])[0]):
            self.change(reply)

    def concerns(self, bulk_id: str) -> bool:
        return bulk_id != ""

    def change(self, reply: Reply) -> None:
        raise NotImplementedError


@on_wire("COMP-6")
class OneJobIsMissing(AnswerOfJobs):
    """The last of several jobs is not listed."""

    def change(self, reply: Reply) -> None:
        reply.json = reply.json[: max(1, len(reply.json) - 1)]


@on_wire("COMP-6")
class UnknownBulkIsNotFound(AnswerOfJobs):
    """An unknown bulk id is answered 404."""

    def change(self, reply: Reply) -> None:
        if reply.json == []:
            reply.status, reply.json = 404, refusal(404, "Bulk update not found.").json


@on_wire("COMP-6")
class IntegerBulkIdsAreUnknown(AnswerOfJobs):
    """The integer bulk ids of Azure Synapse Analytics lead to no jobs."""

    def concerns(self, bulk_id: str) -> bool:
        return bulk_id.isdecimal()

    def change(self, reply: Reply) -> None:
        reply.json = []


@on_wire("COMP-6")
class JobsAreListedAsIds(AnswerOfJobs):
    """The jobs of a bulk id are listed as ids."""

    def change(self, reply: Reply) -> None:
        reply.json = [job["id"] for job in reply.json]


@on_wire("COMP-6")
class EndedJobsArePending(Wire):
    """Jobs that have ended still count as pending."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "jobs") and "connectionString" in seen.query:
            reply.json = {"pending": 1}
