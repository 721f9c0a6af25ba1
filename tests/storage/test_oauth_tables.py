"""OAuth clients and grants in DynamoDB: calls, conditions, sizes, lists, and tokens that verify like keys."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys import key_format
from latchhook.api_keys.verification import UseRequest
from latchhook.oauth.errors import (
    GrantChangedError,
    OAuthClientChangedError,
    OAuthClientNotFoundError,
    OAuthError,
    OAuthGrantNotFoundError,
)
from latchhook.oauth.tokens import exchange
from latchhook.permissions.requirements import all_of
from tests.features.oauth.oauth_objects import CLIENT, REDIRECT_URI, VERIFIER
from tests.samples import ACCOUNT, NOW, entry
from tests.storage.conftest import Store
from tests.storage.oauth_objects import CREDENTIALS, SENDER, Oauth
from tests.template_tables import API_KEYS

OTHER_ACCOUNT = "acct_2"


@pytest.fixture
def oauth(store: Store) -> Oauth:
    """An authorization server."""
    return Oauth(store)


# ---- Clients ----


def test_client_is_stored_changed_and_deleted(oauth: Oauth) -> None:
    client = oauth.add_client(logo_uri="https://app.example.com/logo.svg")
    assert oauth.clients.get(ACCOUNT, client.id) == client
    changed = replace(client, settings=replace(client.settings, name="Other", logo_uri=None), version=1)
    oauth.clients.replace(client, changed, entry(seed=1))
    assert oauth.clients.get(ACCOUNT, client.id) == changed
    with pytest.raises(OAuthClientChangedError):
        oauth.clients.replace(client, changed, entry(seed=2))
    with pytest.raises(OAuthClientNotFoundError):
        oauth.clients.get(OTHER_ACCOUNT, client.id)
    with pytest.raises(OAuthClientNotFoundError):
        oauth.clients.delete(OTHER_ACCOUNT, client.id, entry(seed=3))
    oauth.clients.delete(ACCOUNT, client.id, entry(seed=4))
    assert oauth.clients.find(client.id) is None
    assert oauth.clients.page(ACCOUNT, limit=10, after=None).items == ()


def test_list_of_clients_costs_two_calls(oauth: Oauth) -> None:
    made = {oauth.add_client(UUID(int=each), seed=each).id for each in range(1, 12)}
    oauth.store.calls.clear()
    found = oauth.clients.page(ACCOUNT, limit=100, after=None)
    assert {client.id for client in found.items} == made
    assert oauth.store.calls == {"Query": 1, "BatchGetItem": 1}


def test_own_grant_follows_the_clients_status_and_scopes(oauth: Oauth) -> None:
    client = oauth.add_client(grant_types=("client_credentials",))
    token = oauth.service().by_client(CREDENTIALS, None, SENDER).access
    assert oauth.verify(token, required=all_of(["orders:write"])).code == "VALID"
    narrowed = replace(client, settings=replace(client.settings, scopes=("orders:read",)), version=1)
    oauth.clients.replace(client, narrowed, entry(seed=1))
    assert oauth.verify(token, required=all_of(["orders:write"])).code == "INSUFFICIENT_SCOPE"
    disabled = replace(narrowed, settings=replace(narrowed.settings, status="disabled"), version=2)
    oauth.clients.replace(narrowed, disabled, entry(seed=2))
    assert oauth.verify(token).code == "DISABLED"
    oauth.clients.delete(ACCOUNT, client.id, entry(seed=3))
    assert oauth.verify(token).code == "NOT_FOUND"


# ---- Calls ----


def test_token_request_costs_two_calls(oauth: Oauth) -> None:
    oauth.add_client(grant_types=("authorization_code", "refresh_token", "client_credentials"))
    _, code = oauth.consent()
    oauth.store.calls.clear()
    tokens = oauth.exchange(code)
    assert oauth.store.calls == {"BatchGetItem": 1, "TransactWriteItems": 1}
    oauth.store.calls.clear()
    oauth.refresh(tokens.refresh)
    assert oauth.store.calls == {"BatchGetItem": 1, "UpdateItem": 1}
    oauth.store.calls.clear()
    oauth.service().by_client(CREDENTIALS, None, SENDER)
    assert oauth.store.calls == {"BatchGetItem": 1, "UpdateItem": 1}


def test_verification_of_a_users_token_costs_two_calls_when_remembered(oauth: Oauth) -> None:
    _, tokens = oauth.connect()
    verifier = oauth.store.new_verifier()
    assert verifier.verify(tokens.access, UseRequest(), now=NOW).valid
    oauth.store.calls.clear()
    assert verifier.verify(tokens.access, UseRequest(all_of(["orders:read"])), now=NOW).valid
    assert oauth.store.calls == {"BatchGetItem": 1, "UpdateItem": 1}


def test_verification_of_a_clients_own_token_costs_one_call(oauth: Oauth) -> None:
    oauth.add_client(grant_types=("client_credentials",))
    token = oauth.service().by_client(CREDENTIALS, None, SENDER).access
    verifier = oauth.store.new_verifier()
    oauth.store.calls.clear()
    assert verifier.verify(token, UseRequest(all_of(["orders:read"])), now=NOW).valid
    assert oauth.store.calls == {"UpdateItem": 1}


def test_item_of_a_grant_stays_below_two_kilobytes(oauth: Oauth) -> None:
    _, tokens = oauth.connect()
    token = tokens.refresh
    for step in range(1, 31):
        token = oauth.refresh(token, seed=step, at=NOW + timedelta(seconds=step)).refresh
    (item,) = oauth.store.items(API_KEYS)
    size = sum(len(name) + len(str(value)) for name, value in item.items() if name != "usedRefreshHashes")
    assert size + 16 * len(item["usedRefreshHashes"]) < 2_048
    assert (len(item["usedRefreshHashes"]), len(item["tokens"])) == (20, 10)


# ---- Tokens as keys ----


def test_token_expires_with_its_own_end_and_is_then_reported_as_expired(oauth: Oauth) -> None:
    _, tokens = oauth.connect()
    verdict = oauth.verify(tokens.access)
    assert verdict.key is not None
    assert verdict.key.expires_at == NOW + timedelta(hours=1)
    later = oauth.store.new_verifier().verify(tokens.access, UseRequest(), now=NOW + timedelta(hours=1))
    assert later.code == "EXPIRED"


def test_token_for_another_resource_spends_nothing(oauth: Oauth) -> None:
    oauth.add_client()
    oauth.add_member()
    made, code = oauth.consent()
    oauth.store.client.update_item(
        TableName=API_KEYS,
        Key={"id": {"S": str(made.id)}, "record": {"S": "KEY"}},
        UpdateExpression="SET audience = :audience",
        ExpressionAttributeValues={":audience": {"S": "https://mcp.example.com/"}},
    )
    tokens = oauth.exchange(code)
    for audience, expected in (
        ("https://mcp.example.com", "VALID"),
        ("https://mcp.example.com/", "VALID"),
        ("https://mcp.example.com//", "VALID"),
        ("https://other.example.com", "NOT_FOUND"),
        (None, "VALID"),
    ):
        assert oauth.verify(tokens.access, audience=audience).code == expected
    (item,) = oauth.store.items(API_KEYS)
    assert item[f"u{NOW:%Y%m%d}"] == 4


def test_key_text_with_the_id_of_a_grant_is_not_found(oauth: Oauth) -> None:
    made, tokens = oauth.connect()
    for prefix in ("rk_", "lhat_", "lh_live_"):
        assert oauth.verify(key_format.issue_key_text(prefix, made.id, Random(1))).code == "NOT_FOUND"
    assert oauth.verify(tokens.access).code == "VALID"


def test_uses_of_a_grant_are_rolled_up_like_those_of_a_key(oauth: Oauth) -> None:
    made, tokens = oauth.connect()
    oauth.verify(tokens.access)
    month = int(f"{NOW + timedelta(days=40):%Y%m}")
    shard = str(made.id)[0]
    assert oauth.store.uses.used_before(shard, month=month, limit=10) == [made.id]
    assert oauth.store.uses.close_months(made.id, month=month)
    assert oauth.store.uses.usage(ACCOUNT, made.id).requests == {f"{NOW:%Y%m%d}": 1}


def test_lists_of_keys_do_not_contain_grants(oauth: Oauth) -> None:
    made, _ = oauth.connect()
    assert oauth.store.keys.live_page(ACCOUNT, limit=10, after=None).items == ()
    assert oauth.store.keys.read(ACCOUNT, [made.id]) == []
    assert oauth.store.keys.of_all_accounts([made.id]) == {}


# ---- Grants ----


def test_grant_is_listed_for_its_user_until_it_ends(oauth: Oauth) -> None:
    made, _ = oauth.connect()
    oauth.consent(2)  # a code that is never exchanged is not listed
    assert [grant.id for grant in oauth.grants.of_user(ACCOUNT, "mira", now=NOW)] == [made.id]
    assert [grant.id for grant in oauth.grants.page(ACCOUNT, client_id=None, limit=10, after=None, now=NOW).items] == [
        made.id
    ]
    assert oauth.grants.of_user(ACCOUNT, "mir", now=NOW) == []
    assert oauth.grants.of_user(OTHER_ACCOUNT, "mira", now=NOW) == []
    assert oauth.grants.of_user(ACCOUNT, "mira", now=NOW + timedelta(days=30)) == []


def test_revocation_ends_the_tokens_and_is_recorded_once(oauth: Oauth) -> None:
    made, tokens = oauth.connect()
    for seed in (7, 8):
        oauth.grants.revoke(made, entry(action="oauth_grant.revoked", seed=seed))
    assert oauth.verify(tokens.access).code == "REVOKED"
    assert oauth.grants.of_user(ACCOUNT, "mira", now=NOW) == []
    with pytest.raises(OAuthError):
        oauth.refresh(tokens.refresh)
    actions = [each["action"] for each in oauth.store.audit_log(ACCOUNT)]
    assert actions.count("oauth_grant.revoked") == 1
    with pytest.raises(OAuthGrantNotFoundError):
        oauth.grants.revoke(replace(made, id=UUID(int=9)), entry(seed=9))


def test_revoked_grant_cannot_be_exchanged_or_refreshed_by_a_late_write(oauth: Oauth) -> None:
    oauth.add_client()
    made, code = oauth.consent()
    _, _, before = oauth.grants.read(CLIENT.id, made.id)
    assert before is not None
    after, _ = exchange(before, CLIENT, code, verifier=VERIFIER, redirect_uri=REDIRECT_URI, now=NOW, rng=Random(1))
    oauth.grants.revoke(made, entry(action="oauth_grant.revoked", seed=7))
    with pytest.raises(GrantChangedError):
        oauth.grants.exchange(before, after)
    with pytest.raises(GrantChangedError):
        oauth.grants.refresh(before, after)


def test_second_use_of_a_code_revokes_the_first_tokens(oauth: Oauth) -> None:
    oauth.add_client()
    oauth.add_member()
    _, code = oauth.consent()
    tokens = oauth.exchange(code)
    with pytest.raises(OAuthError):
        oauth.exchange(code)
    assert oauth.verify(tokens.access).code == "REVOKED"
    (revoked,) = [each for each in oauth.store.audit_log(ACCOUNT) if each["action"] == "oauth_grant.revoked"]
    assert '"reason": "code_reused"' in revoked["details"]


def test_abandoned_code_is_deleted_a_day_later_and_a_grant_after_its_end(oauth: Oauth) -> None:
    made, _ = oauth.connect()
    abandoned, _ = oauth.consent(2)
    ends = {item["id"]: item["ttl"] for item in oauth.store.items(API_KEYS)}
    assert ends[str(abandoned.id)] == int((NOW + timedelta(days=1, minutes=1)).timestamp())
    assert ends[str(made.id)] == int((NOW + timedelta(days=31)).timestamp())
