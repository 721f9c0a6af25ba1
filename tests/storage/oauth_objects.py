"""OAuth clients, users and tokens on DynamoDB Local."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.verification import UseRequest, Verdict
from latchhook.audit import AuditEntry
from latchhook.clock import from_millis
from latchhook.members.member import Member
from latchhook.oauth.client import OAuthClient
from latchhook.oauth.grant import CODE_PREFIX, Grant
from latchhook.oauth.token_service import ClientCredentials, CodeRequest, RefreshRequest, Sender, TokenService
from latchhook.oauth.tokens import Tokens
from latchhook.storage.oauth_clients_table import OAuthClientsTable
from latchhook.storage.oauth_grants_table import OAuthGrantsTable
from tests.features.oauth.oauth_objects import CLIENT, REDIRECT_URI, SETTINGS, VERIFIER, grant
from tests.samples import ACCOUNT, NOW, entry
from tests.storage.conftest import Store
from tests.template_tables import API_KEYS

SECRET = key_format.issue_key_text("lhcs_", CLIENT.id, Random(4))
CREDENTIALS = ClientCredentials(str(CLIENT.id), SECRET)
SENDER = Sender("203.0.113.24", "request", NOW)
MEMBER = Member(ACCOUNT, "mira", "admin", None, None, None, 0, NOW, NOW)
EPOCH = from_millis(0)


def of_member(action: str, seed: int) -> AuditEntry:
    """Return the audit entry of a change of the member."""
    return replace(entry(action=action, seed=seed), target_id=MEMBER.user_id)


@dataclass
class Oauth:
    """The tables and services of one authorization server."""

    store: Store

    def __post_init__(self) -> None:
        self.clients = OAuthClientsTable(self.store.database, audit=self.store.audit_items, keys_table=API_KEYS)
        self.grants = OAuthGrantsTable(self.store.database, keys_table=API_KEYS, audit=self.store.audit_items)

    def service(self, seed: int = 5) -> TokenService:
        """Return the token endpoint's service."""
        return TokenService(self.grants, Random(seed))

    def add_client(self, client_id: UUID = CLIENT.id, seed: int = 60, **changes: Any) -> OAuthClient:
        """Store a client."""
        chosen = {"redirect_uris": (REDIRECT_URI,), **changes}
        client = OAuthClient(client_id, ACCOUNT, "confidential", replace(SETTINGS, **chosen), NOW, NOW)
        self.clients.add(client, key_format.hash_key_text(SECRET), entry(seed=seed))
        return client

    def add_member(self) -> None:
        """Store the member that consents."""
        self.store.members.add(MEMBER, frozenset(), of_member("member.created", 61))

    def consent(self, seed: int = 1, client_id: UUID = CLIENT.id, at: datetime = NOW) -> tuple[Grant, str]:
        """Store a grant and return it with its code."""
        shift = at - grant().created_at
        grant_id = UUID(int=1_000 + seed)
        code = key_format.issue_key_text(CODE_PREFIX, grant_id, Random(seed))
        made = replace(
            grant(),
            id=grant_id,
            account_id=ACCOUNT,
            client_id=client_id,
            created_at=at,
            expires_at=(grant().expires_at or NOW) + shift,
            lasts_until=(grant().lasts_until or NOW) + shift,
            code_hash=key_format.hash_key_text(code),
        )
        self.grants.add(made, entry(action="oauth_grant.created", seed=100 + seed))
        return made, code

    def exchange(self, code: str, seed: int = 5) -> Tokens:
        """Exchange a code."""
        return self.service(seed).by_code(CREDENTIALS, CodeRequest(code, VERIFIER, REDIRECT_URI, None), SENDER)

    def refresh(self, token: str | None, seed: int = 6, at: datetime = NOW) -> Tokens:
        """Use a refresh token."""
        sender = replace(SENDER, at=at)
        return self.service(seed).by_refresh_token(CREDENTIALS, RefreshRequest(token or "", None, None), sender)

    def connect(self, seed: int = 1) -> tuple[Grant, Tokens]:
        """Store a client, a member and a grant, and exchange the code."""
        self.add_client()
        self.add_member()
        made, code = self.consent(seed)
        return made, self.exchange(code)

    def verify(self, text: str, **request: Any) -> Verdict:
        """Verify a text in a new environment."""
        return self.store.new_verifier().verify(text, UseRequest(**request), now=NOW)
