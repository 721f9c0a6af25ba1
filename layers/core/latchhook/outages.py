"""Our own outages as one type, so that none is ever taken for a caller's mistake."""


class StoreUnavailableError(Exception):
    """An AWS service did not do what was asked: throttled, timed out, denied, or broken.

    The message names service, operation and error code for our log; callers are told 503 and nothing more.
    """


class ContendedError(StoreUnavailableError):
    """Others were at the same items at every try."""


class ThrottledError(StoreUnavailableError):
    """The service refused for its rate alone: more was asked of it, or of one item, than it takes at once."""
