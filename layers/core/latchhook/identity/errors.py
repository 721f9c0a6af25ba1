"""Why a caller is turned away: unknown, or known and without the right."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latchhook.identity.caller import Caller


class UnauthenticatedError(Exception):
    """No credential, or one that does not hold. `code` is stable; `detail` is for people and shows no credential."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class ForbiddenError(Exception):
    """A known caller without the right. `code` is stable; `detail` is for people.

    `by` is the caller in the own account, for the audit log; None for one who belongs to none.
    """

    def __init__(self, code: str, detail: str, *, by: "Caller | None" = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.by = by
