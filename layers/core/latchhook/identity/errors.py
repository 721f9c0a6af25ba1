"""Why a caller is turned away: unknown, or known and without the right."""


class UnauthenticatedError(Exception):
    """No credential, or one that does not hold. `code` is stable; `detail` is for people and shows no credential."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class ForbiddenError(Exception):
    """A known caller without the right. `code` is stable; `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
