"""The errors that the local tools show in a terminal."""


class LocalStackError(Exception):
    """The local stack cannot continue. The message is one sentence for the person at the terminal."""
