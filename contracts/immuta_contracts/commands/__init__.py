"""The commands of `immuta-contract`, a module each: `HELP`, `add_options(parser)` and `execute(options)`."""


class CannotRun(Exception):
    """The command cannot do its work; the text says why and what to do."""


KEPT, BROKEN, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130
