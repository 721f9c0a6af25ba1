"""Dependency errors. They have separate types, so that an outage is never reported as an error of the caller."""


class DependencyUnavailableError(Exception):
    """A call to an AWS service failed: throttled, timed out, denied or broken.

    The message names the service, the operation and the error code for the log. The caller gets 503 without details.
    """


class ConflictRetriesExhaustedError(DependencyUnavailableError):
    """Every write conflicted with another writer."""


class ThrottledError(DependencyUnavailableError):
    """The service throttled the call: too many requests to the service or to one item."""
