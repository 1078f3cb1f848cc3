"""What stops a command before it can do its work."""


class CannotRun(Exception):
    """The command cannot do its work; the text says in one line what is wrong, with the value, and what to do."""
