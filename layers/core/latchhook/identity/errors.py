"""Errors of authentication and authorization."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latchhook.identity.caller import Caller


class UnauthenticatedError(Exception):
    """The credential is missing or invalid. `code` is stable. `detail` is a text that contains no credential."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class ForbiddenError(Exception):
    """The authenticated caller lacks the right. `code` is stable. `detail` is a text for the caller.

    `by` is the caller in the own account, for the audit log. None for a caller without an account.
    """

    def __init__(self, code: str, detail: str, *, by: "Caller | None" = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.by = by
