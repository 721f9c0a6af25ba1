"""OAuth tokens that were found in public: their grant ends, whatever the account's policy for leaked API keys is.

The user can connect the app again at any time, so that ending the grant costs less than a working token in public.
"""

from dataclasses import dataclass
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.key_format import ACCESS_TOKEN_PREFIX
from latchhook.api_keys.leaks import Leak, Reporter
from latchhook.audit import AuditEntry, Origin
from latchhook.identity.caller import system
from latchhook.oauth.consent import grant_entry
from latchhook.oauth.grant import REFRESH_PREFIX, Grant
from latchhook.oauth.token_service import id_in


class LeakedGrants(Protocol):
    """Stored grants."""

    def find(self, grant_id: UUID) -> Grant | None:
        """Read a grant of any account, strongly consistent. None if it does not exist."""

    def revoke(self, grant: Grant, entry: AuditEntry) -> None:
        """Revoke a grant, in one transaction with the audit entry. A revoked grant is not changed."""

    def end_token(self, grant: Grant, name: str) -> None:
        """End one access token."""


@dataclass(frozen=True, slots=True)
class LeakedTokens:
    """Handles reports of exposed OAuth tokens."""

    grants: LeakedGrants
    rng: Random

    def deal_with(self, leak: Leak, reporter: Reporter) -> bool:
        """End the grant of a token. A client's own token ends alone. Return whether the text is or was a token.

        Raises `DependencyUnavailableError`. The call can be repeated after any failure.
        """
        is_refresh = leak.text.startswith(REFRESH_PREFIX)
        grant_id = id_in(REFRESH_PREFIX if is_refresh else ACCESS_TOKEN_PREFIX, leak.text)
        grant = None if grant_id is None else self.grants.find(grant_id)
        if grant is None or not _is_token(grant, key_format.hash_key_text(leak.text), is_refresh=is_refresh):
            return False
        if grant.user_id is None:
            self.grants.end_token(grant, key_format.token_name(key_format.hash_key_text(leak.text)))
        elif grant.status == "active":
            origin = Origin(
                system(grant.account_id, reporter.name), reporter.source_ip, reporter.request_id, reporter.at
            )
            entry = grant_entry(grant, origin, "oauth_grant.revoked", rng=self.rng, reason="exposed")
            self.grants.revoke(grant, entry)
        return True


def _is_token(grant: Grant, presented: bytes, *, is_refresh: bool) -> bool:
    if not is_refresh:
        return key_format.token_name(presented) in grant.tokens
    state = grant.refresh
    return state is not None and (presented in (state.current, state.previous) or presented[:16] in state.used)
