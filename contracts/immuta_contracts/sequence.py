"""A sequence of the model layer: rule after rule, the comparisons that follow each, and all of them at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

from immuta_contracts.connectors import Connector
from immuta_contracts.drawing import Pools
from immuta_contracts.exchange import Answer
from immuta_contracts.machine import Machine
from immuta_contracts.model import Model, Refusal, Source
from immuta_contracts.target import OutOfReach
from immuta_contracts.world import Json, World

T = TypeVar("T")
PATIENCE = 10  # seconds that jobs are waited for


class Sequence:
    """What rules work with: the model, the comparisons, drawn data, and which data sources a rule `touched`.

    A rule may name the promise that breaks when these are not as the model says (`suspect`), and the one that breaks
    when any other is not (`bystander`); otherwise it is the one under which the differing thing was last written.
    """

    def __init__(self, w: World) -> None:
        self.w, self.model = w, Model()
        self.machine = Machine(w, self.model)
        self.pools = Pools(w, self.machine.token, self.machine.hosts)
        self.touched: list[Source] = []
        self.suspect: str | None = None
        self.bystander: str | None = None
        self.bulk_ids: set[str] = set()
        self.job_ids: set[str] = set()

    def step(self, rules: "list[Rule]") -> None:
        """One rule that can be applied now, then what it touched and something that it should have left alone."""
        self.touched, self.suspect, self.bystander = [], None, None
        rule = self.draw(st.sampled_from([rule for rule in rules if rule.able(self)]))
        try:
            rule.apply(self)
        except OutOfReach:  # before anything was sent
            return
        with self.machine.suspecting(self.suspect):
            for source in self.touched:
                self.machine.check(source)
        with self.machine.suspecting(self.bystander):
            self._check_another()

    def end(self) -> None:
        """Every view of everything."""
        machine = self.machine
        for source in self.model.sources:
            machine.check(source)
            machine.check_named(source)
        for source in self.model.removed:
            machine.check_removed(source)
        machine.check_search(machine.token, None)
        for source in {source.connection_string: source for source in self.model.sources}.values():
            self.check_shared(source)

    # Drawing

    def draw(self, strategy: st.SearchStrategy[T]) -> T:
        return self.w.draw(strategy)

    def one_of(self, things: list[T]) -> T:
        return self.draw(st.sampled_from(things))

    def odds(self, one_in: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def source(self) -> Source:
        return self.one_of(self.model.sources)

    def connector(self) -> Connector:
        return self.one_of(list(self.w.connectors))

    def new_name(self) -> str:
        """A free name, or now and then one that is taken."""
        if self.model.sources and self.odds(5):
            return self.source().name
        return self.w.fresh_name()

    # Answers that several rules get

    def call(self, method: str, path: str, body: object = ..., **options: Any) -> Answer:
        return self.machine.call(method, path, body, **options)

    def refused(self, answer: Answer, refusal: Refusal, source: Source | None = None) -> None:
        """Expect the refusal; `source` is the data source that the call was about."""
        self.machine.expect_refused(answer, refusal)
        self.touched = [source] if source else []
        self.suspect = self.bystander = "ERR-8"

    def expect_bulk(self, connector: Connector, answer: Json, count: Any, promise: str, listing: str) -> None:
        """The bulk id is new, of the connector's type, and leads to as many jobs (`listing`); they are waited for."""
        bulk_id = answer.get("bulkId")
        kind = int if connector.integer_bulk_id else str
        self.w.expect(type(bulk_id) is kind, f"bulkId, {kind.__name__}", answer, promise=promise)
        self.w.expect(str(bulk_id) not in self.bulk_ids, "a new bulkId", answer, promise=promise)
        self.bulk_ids.add(str(bulk_id))
        jobs = self.w.expect_success(self.call("GET", "/jobs", query={"bulkId": bulk_id}), promise=listing)
        listed = [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []
        self.w.expect(len(listed) == count, f"{count} jobs", jobs, promise=listing)
        self.completed([job.get("id") for job in listed if job.get("state") != "completed"], "COMP-6")

    def completed(self, job_ids: list[Any], promise: str) -> None:
        """The jobs are known and come to a good end."""
        if job_ids:
            answer = self.call("POST", "/jobs/statuses", {"jobIds": job_ids, "wait": PATIENCE})
            states = self.w.expect_success(answer, promise=promise)
            self.w.expect_holds(states, {}, "the states", promise=promise)
            for job_id in job_ids:
                expected = {"id": job_id, "state": "completed"}
                self.w.expect_holds(states.get(job_id), expected, "the status of the job", promise=promise)

    def _check_another(self) -> None:
        """One view of one data source that the rule had nothing to do with."""
        others = [source for source in self.model.sources if source not in self.touched]
        if others:
            machine, source = self.machine, self.one_of(others)
            views = [machine.check_handler, machine.check_dictionary, machine.check_source, self.check_shared]
            self.one_of(views)(source)

    def check_shared(self, source: Source) -> None:
        """The list of the data sources that share its connection string."""
        string = source.connection_string
        query = [("connectionString", string), *self.w.among_own.items()]
        self.machine.check_list(query, self.model.listed(strings=[string]))


@dataclass(frozen=True)
class Rule:
    """`able` says whether the rule can be applied now."""

    apply: Callable[[Sequence], None]
    able: Callable[[Sequence], bool] = lambda _: True
