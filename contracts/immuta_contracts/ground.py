"""The data source of the run that generated requests are let loose on, kept in the state that each of them needs."""

import re
from urllib.parse import quote, unquote

from immuta_contracts.checks import kind
from immuta_contracts.claims import Outgoing
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.owned import Owner
from immuta_contracts.spec import Operation
from immuta_contracts.world import World

HARMLESS_ID = re.compile(r"\D*|0|-.*|\d{19,}")  # what no tenant can take for the id of another's data source
COLUMNS = [{"name": "id", "dataType": "integer", "remoteType": "int"}]


class Ground:
    """For one operation; `made` is None where the operation is about no data source in particular."""

    def __init__(self, w: World, operation: Operation) -> None:
        self.made: Made | None = None
        self._w, self._operation, self._kind = w, operation, kind(operation)
        self._owner = Owner(w, operation)

    def ready(self) -> None:
        """Bring the data source into the state in which a valid request succeeds."""
        if self._operation.has_id or "bulk" in self._kind:
            made = self._standing()
            if self._kind == "createDictionary":
                self._w.call("DELETE", made.dictionary_path)
            elif self._kind == "deleteDictionary":
                self._w.call("POST", made.dictionary_path, {"metadata": COLUMNS})

    def own(self, sent: Outgoing, *, keep_path: bool) -> Outgoing:
        """The request with everything in it that reaches beyond the run replaced."""
        path = self._path(sent.path, keep_path)
        _, question, query = sent.target.partition("?")
        return Outgoing(sent.method, path + question + query, self._owner.body(sent), sent.content_type)

    def after(self, answer: Answer) -> None:
        """Follow what a successful request changed."""
        found = answer.json if answer.status == 200 else None
        if isinstance(found, dict) and isinstance(found.get("connectionString"), str) and found.get("jobsCreated") != 0:
            self._owner.connection_string = found["connectionString"]

    def _standing(self) -> Made:
        gone = (
            self._kind == "deleteDataSource" and self.made and self._w.call("GET", self.made.source_path).status == 404
        )
        if self.made is None or gone:
            self.made = self._w.make(metadata=self._w.metadata(columns=COLUMNS))
            self._owner.data_source_id = self.made.data_source_id
            self._owner.connection_string = self.made.connection_string
        return self.made

    def _path(self, path: str, keep: bool) -> str:
        if not self._operation.has_id or self.made is None:
            return path
        if "{name}" in self._operation.path:
            return self._operation.at(quote(self.made.name, safe=""))
        if keep and HARMLESS_ID.fullmatch(unquote(self._identifier(path))):
            return path
        of_handler = "handlerId" in self._operation.path
        return self._operation.at(self.made.handler_id if of_handler else self.made.data_source_id)

    def _identifier(self, path: str) -> str:
        return path.removeprefix(self._operation.path.partition("{")[0]).split("/")[0]
