"""What the proxy makes of the exchanges that pass: deviations told, an archive written, and totals at the end."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from immuta_mock.checks import Checks
from immuta_mock.journal import har
from immuta_mock.journal.entries import Entry
from immuta_mock.proxy.archive import ArchiveFile
from immuta_mock.proxy.deviations import Deviations
from immuta_mock.proxy.judging import Judge
from immuta_mock.proxy.secrets import Secrets

logger = logging.getLogger(__name__)

Say = Callable[[str], None]


@dataclass
class Totals:
    """How many requests were answered by the tenant, kept back by the proxy, and got no answer."""

    answered: int = 0
    kept_back: int = 0
    unanswered: int = 0


@dataclass
class Watch:
    """Sees every exchange; `say` gets a line each time there is something to tell."""

    operations: Sequence[Checks]
    url: str
    say: Say
    archive: ArchiveFile | None = None
    totals: Totals = field(default_factory=Totals)

    def __post_init__(self) -> None:
        self._judge = Judge(self.operations)
        self._deviations = Deviations()
        self._secrets = Secrets()

    def saw(self, entry: Entry, path_values: Mapping[str, str]) -> None:
        """Judge and record; whatever goes wrong with that is not the client's matter."""
        self.totals.answered += 1
        try:
            self._secrets.learn(entry)
            self._record(entry)
            for deviation in dict.fromkeys(self._judge.deviations(entry, path_values)):
                if self._deviations.add(deviation):
                    self.say(self.cleared(str(deviation)))
        except Exception as error:  # its message may hold what was sent
            logger.error("an exchange could not be judged (%s)", type(error).__name__)

    def _record(self, entry: Entry) -> None:
        if self.archive is None:
            return
        try:
            self.archive.append(har.exchange(entry, self._secrets.redaction, self.url))
        except OSError as error:
            logger.error("%s: %s; nothing more is recorded", self.archive.path, error.strerror)
            self.archive = None

    def cleared(self, text: str) -> str:
        """A text without the secrets that were learnt."""
        return self._secrets.redaction.text(text)

    def summary(self) -> str:
        """The totals, and every kind of deviation with its count."""
        count = self.totals
        head = f"Requests: {count.answered} answered, {count.kept_back} kept back, {count.unanswered} without an answer"
        lines = map(self.cleared, self._deviations.lines())
        return "\n".join(["", f"{head}; {self._deviations.kinds()}", *lines])
