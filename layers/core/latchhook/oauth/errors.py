"""Reasons to refuse a request about OAuth clients, grants and tokens."""

from latchhook.optimistic_locking import ConflictError


class OAuthClientNotFoundError(Exception):
    """No client with this id exists in the account."""


class OAuthClientChangedError(ConflictError):
    """Another change of the client came first."""


class TooManyOAuthClientsError(Exception):
    """The account has the maximum number of clients."""


class ClientScopesBeyondCallerError(Exception):
    """The caller lacks scopes of the client. `positions` are their positions in the list of scopes."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__(f"scopes at {positions}")
        self.positions = positions


class UnknownClientScopesError(Exception):
    """The catalogue lacks scopes of the client. `positions` are their positions in the list of scopes."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__(f"scopes at {positions}")
        self.positions = positions


class PublicClientError(Exception):
    """A public client has no secret."""


class OAuthGrantNotFoundError(Exception):
    """No grant with this id exists in the account, or it belongs to another user."""


class TooManyOAuthGrantsError(Exception):
    """The user has the maximum number of grants."""


class ConsentNotPossibleError(Exception):
    """The user cannot consent, because the account has no stored membership of the user."""


class UnknownClientError(Exception):
    """An authorization request names no client that this account can use, or a redirect URI that it does not have.

    The user must see this error. A redirect would make this server an open redirector (RFC 9700, 4.11).
    """


class OAuthError(Exception):
    """An error of the protocol. `code` is a value of the field `error` (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description


class GrantChangedError(ConflictError):
    """Another request changed the grant first."""
