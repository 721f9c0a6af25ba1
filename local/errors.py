"""What goes wrong for a person at a terminal: one clear sentence each."""


class LocalStackError(Exception):
    """The local stack can't go on. The message is the one sentence that a person should read."""
