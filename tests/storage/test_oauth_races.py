"""Concurrent requests to the authorization server: one winner for a code, one chain of refresh tokens, no late use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from latchhook.api_keys.verification import UseRequest
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import Grant
from latchhook.oauth.tokens import Tokens
from tests.samples import ACCOUNT, NOW, entry
from tests.storage.conftest import Store
from tests.storage.oauth_objects import CREDENTIALS, MEMBER, SENDER, Oauth, of_member
from tests.storage.races import CALLERS, assert_refused_from_the_next_request

ROUNDS = 2
"""Races for one code, with 64 callers each. 157 rounds have 10,048 requests."""


@pytest.fixture
def oauth(store: Store) -> Oauth:
    """An authorization server."""
    return Oauth(store)


def outcomes(request: Callable[[int], Tokens]) -> list[Tokens]:
    """Send 64 concurrent requests, and return the tokens of those that succeeded."""

    def attempt(seed: int) -> Tokens | None:
        try:
            return request(seed)
        except OAuthError:
            return None

    with ThreadPoolExecutor(CALLERS) as threads:
        return [tokens for tokens in threads.map(attempt, range(CALLERS)) if tokens is not None]


def test_one_of_64_requests_for_a_code_wins_and_later_ones_revoke_it(oauth: Oauth) -> None:
    oauth.add_client()
    oauth.add_member()
    for round_number in range(ROUNDS):
        _, code = oauth.consent(round_number)
        (tokens,) = outcomes(lambda seed, code=code: oauth.exchange(code, seed))  # type: ignore[misc]
        assert oauth.verify(tokens.access).code == "REVOKED"


def test_64_uses_of_a_refresh_token_get_one_chain(oauth: Oauth) -> None:
    _, tokens = oauth.connect()
    for _ in range(ROUNDS):
        given = tokens.refresh
        found = outcomes(lambda seed, given=given: oauth.refresh(given, seed))  # type: ignore[misc]
        assert len(found) == CALLERS
        assert len({(each.access, each.refresh) for each in found}) == 1
        tokens = found[0]
    assert oauth.verify(tokens.access).code == "VALID"


def test_64_requests_of_a_client_get_tokens_that_all_work(oauth: Oauth) -> None:
    oauth.add_client(grant_types=("client_credentials",))
    found = outcomes(lambda seed: oauth.service(seed).by_client(CREDENTIALS, None, SENDER))
    assert {oauth.verify(tokens.access).code for tokens in found} == {"VALID"}
    assert len({tokens.access for tokens in found}) == CALLERS


def _revoke_grant(oauth: Oauth, grant: Grant) -> None:
    oauth.grants.revoke(grant, entry(action="oauth_grant.revoked", seed=80))


def _delete_client(oauth: Oauth, grant: Grant) -> None:
    oauth.clients.delete(ACCOUNT, grant.client_id, entry(action="oauth_client.deleted", seed=81))


def _disable_client(oauth: Oauth, grant: Grant) -> None:
    client = oauth.clients.get(ACCOUNT, grant.client_id)
    disabled = replace(client, settings=replace(client.settings, status="disabled"), version=1)
    oauth.clients.replace(client, disabled, entry(action="oauth_client.updated", seed=82))


def _remove_member(oauth: Oauth, _: Grant) -> None:
    oauth.store.members.remove(MEMBER, of_member("member.removed", 83), keeps_an_admin=False)


@pytest.mark.parametrize("end", [_revoke_grant, _delete_client, _disable_client, _remove_member])
def test_token_used_after_the_end_is_never_accepted(oauth: Oauth, end: Callable[[Oauth, Grant], None]) -> None:
    grant, tokens = oauth.connect()
    verifier = oauth.store.new_verifier()
    assert_refused_from_the_next_request(
        lambda: verifier.verify(tokens.access, UseRequest(), now=NOW).valid, lambda: end(oauth, grant)
    )
