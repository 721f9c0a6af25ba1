"""Why something about an API key is refused."""


class MalformedKeyError(Exception):
    """The text is no key of this deployment: shape, prefix or checksum is wrong. Nothing was read to find out."""


class ApiKeyNotFoundError(Exception):
    """No such key in the caller's account; another account's key and a missing one are the same."""


class ApiKeyRevokedError(Exception):
    """The key is revoked, and a revoked key never changes again."""


class UnknownScopesError(Exception):
    """Scopes that the deployment's catalogue does not hold; `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("unknown scopes")
        self.positions = positions


class ScopesBeyondCreatorError(Exception):
    """Scopes that the creator does not hold; `positions` are their indexes in the request."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("scopes beyond the creator's")
        self.positions = positions


class ExpiryNotInFutureError(Exception):
    """A new key's `expiresAt` has already passed."""
