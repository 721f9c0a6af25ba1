"""Tokens: the exchange of a code, the refresh, the end, and what reuse does."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from latchhook.api_keys import key_format
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import MAX_CLIENT_TOKENS, MAX_USER_TOKENS, Grant
from latchhook.oauth.tokens import MAX_USED, ReuseError, Tokens, exchange, for_client, live_tokens, proves, refreshed
from tests.features.oauth.oauth_objects import (
    CLIENT,
    CODE,
    GRANT_ID,
    NOW,
    REDIRECT_URI,
    VERIFIER,
    client,
    grant,
    own_grant,
)

HALF_A_MINUTE = timedelta(seconds=30)


def exchanged(given: Grant | None = None, **changes: Any) -> tuple[Grant, Tokens]:
    """Exchange the code of a grant."""
    arguments = {"verifier": VERIFIER, "redirect_uri": REDIRECT_URI, "now": NOW, "rng": Random(7), **changes}
    code, of = arguments.pop("code", CODE), arguments.pop("client", CLIENT)
    return exchange(grant() if given is None else given, of, code, **arguments)


def refresh(given: Grant, token: str | None, at: datetime = NOW, seed: int = 8) -> tuple[Grant, Tokens]:
    """Use a refresh token."""
    assert token is not None
    return refreshed(given, CLIENT, token, now=at, rng=Random(seed))


def name_of(token: str) -> str:
    """Return the name of an access token in its grant."""
    return key_format.token_name(key_format.hash_key_text(token))


def refused(error: str, **changes: Any) -> None:
    """Assert that the exchange is refused with this error."""
    with pytest.raises(OAuthError) as found:
        exchanged(**changes)
    assert found.value.code == error


# ---- Codes ----


def test_code_gives_an_access_token_and_a_refresh_token() -> None:
    after, tokens = exchanged()
    assert key_format.parse_key_text("lhat_", tokens.access) == GRANT_ID
    assert key_format.parse_key_text("lhrt_", tokens.refresh or "") == GRANT_ID
    assert (tokens.expires_in_seconds, tokens.scopes) == (3600, ("orders:read",))
    assert after.tokens == {name_of(tokens.access): NOW + timedelta(hours=1)}
    assert (after.expires_at, after.code_hash, after.version) == (grant().lasts_until, None, 1)


def test_grant_contains_only_hashes_of_tokens() -> None:
    after, tokens = exchanged()
    assert tokens.access not in str(after.tokens)
    assert after.refresh is not None
    assert after.refresh.current == key_format.hash_key_text(tokens.refresh or "")


def test_second_use_of_a_code_is_reuse() -> None:
    after, _ = exchanged()
    with pytest.raises(ReuseError):
        exchanged(after)


def test_second_use_of_a_code_by_another_client_is_no_reuse() -> None:
    after, _ = exchanged()
    other = replace(CLIENT, id=GRANT_ID)
    with pytest.raises(OAuthError):
        exchanged(after, client=other)


def test_code_works_for_sixty_seconds() -> None:
    exchanged(now=NOW + timedelta(seconds=59.9))
    refused("invalid_grant", now=NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    "changes",
    [
        {"code": key_format.issue_key_text("lhac_", GRANT_ID, Random(9))},
        {"client": replace(CLIENT, id=GRANT_ID)},
        {"verifier": VERIFIER[:-1] + "j"},
        {"verifier": VERIFIER[:-1]},
        {"verifier": VERIFIER + "a" * 86},
        {"verifier": ""},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": ""},
        {"given": grant(status="revoked")},
        {"given": grant(code_hash=None)},
    ],
)
def test_wrong_code_client_verifier_or_redirect_is_refused(changes: dict[str, Any]) -> None:
    refused("invalid_grant", **changes)


def test_redirect_may_be_left_out_because_pkce_binds_the_code() -> None:
    exchanged(redirect_uri=None)


def test_client_without_refresh_tokens_gets_an_access_token_only() -> None:
    after, tokens = exchanged(client=client(grant_types=("authorization_code",)))
    assert (tokens.refresh, after.refresh) == (None, None)


def test_access_token_ends_no_later_than_its_grant() -> None:
    short = grant(lasts_until=NOW + timedelta(minutes=10))
    after, tokens = exchanged(short)
    assert tokens.expires_in_seconds == 600
    assert list(after.tokens.values()) == [NOW + timedelta(minutes=10)]


def test_pkce_verifier_has_43_to_128_characters() -> None:
    assert proves(VERIFIER, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")  # RFC 7636, appendix B
    assert not proves("a" * 42, "x")
    assert not proves("a" * 129, "x")
    assert not proves(VERIFIER, VERIFIER)


# ---- Refresh tokens ----


def test_refresh_replaces_both_tokens_and_keeps_the_earlier_access_token() -> None:
    first, tokens = exchanged()
    second, new = refresh(first, tokens.refresh, NOW + timedelta(minutes=5))
    assert len({tokens.access, new.access, tokens.refresh, new.refresh}) == 4
    assert set(second.tokens) == {name_of(tokens.access), name_of(new.access)}
    assert second.version == first.version + 1


def test_repeated_refresh_within_thirty_seconds_returns_the_same_tokens() -> None:
    first, tokens = exchanged()
    second, new = refresh(first, tokens.refresh)
    again, same = refresh(second, tokens.refresh, NOW + HALF_A_MINUTE, seed=99)
    assert (same.access, same.refresh) == (new.access, new.refresh)
    assert same.expires_in_seconds == new.expires_in_seconds - 30
    assert again is second


def test_refresh_token_used_later_is_reuse() -> None:
    first, tokens = exchanged()
    second, _ = refresh(first, tokens.refresh)
    with pytest.raises(ReuseError):
        refresh(second, tokens.refresh, NOW + HALF_A_MINUTE + timedelta(milliseconds=1))


def test_any_older_refresh_token_is_reuse_at_once() -> None:
    given, tokens = exchanged()
    used = []
    for step in range(MAX_USED + 1):
        used.append(tokens.refresh)
        given, tokens = refresh(given, tokens.refresh, NOW + timedelta(minutes=step))
    for token in used[:-1]:
        with pytest.raises(ReuseError):
            refresh(given, token, NOW + timedelta(minutes=MAX_USED))


def test_next_refresh_token_cannot_be_computed_from_the_last_one() -> None:
    first, tokens = exchanged()
    results = {refresh(first, tokens.refresh, seed=seed)[1].refresh for seed in range(20)}
    assert len(results) == 20


def test_invented_refresh_token_ends_nothing() -> None:
    first, _ = exchanged()
    with pytest.raises(OAuthError) as found:
        refresh(first, key_format.issue_key_text("lhrt_", GRANT_ID, Random(77)))
    assert found.value.code == "invalid_grant"


@pytest.mark.parametrize("changes", [{"status": "revoked"}, {"expires_at": NOW}, {"client_id": GRANT_ID}])
def test_refresh_token_of_an_ended_or_foreign_grant_is_refused(changes: dict[str, Any]) -> None:
    first, tokens = exchanged()
    with pytest.raises(OAuthError):
        refresh(replace(first, **changes), tokens.refresh)


def test_repeated_refresh_is_refused_after_its_access_token_ended() -> None:
    first, tokens = exchanged()
    second, new = refresh(first, tokens.refresh)
    gone = {name: end for name, end in second.tokens.items() if name != name_of(new.access)}
    with pytest.raises(OAuthError):
        refresh(replace(second, tokens=gone), tokens.refresh)


def test_grant_of_a_user_keeps_its_ten_newest_access_tokens() -> None:
    given, tokens = exchanged()
    names = [name_of(tokens.access)]
    for step in range(1, MAX_USER_TOKENS + 3):
        given, tokens = refresh(given, tokens.refresh, NOW + timedelta(seconds=step))
        names.append(name_of(tokens.access))
    assert set(given.tokens) == set(names[-MAX_USER_TOKENS:])


def test_expired_access_tokens_leave_the_grant() -> None:
    first, tokens = exchanged()
    second, new = refresh(first, tokens.refresh, NOW + timedelta(hours=1))
    assert set(second.tokens) == {name_of(new.access)}


# ---- Tokens of a client itself ----


def test_client_gets_a_token_of_its_own() -> None:
    machine = client(grant_types=("client_credentials",), access_token_seconds=300)
    after, tokens = for_client(own_grant(), machine, now=NOW, rng=Random(1))
    assert (tokens.refresh, tokens.expires_in_seconds) == (None, 300)
    assert key_format.parse_key_text("lhat_", tokens.access) == CLIENT.id
    assert list(after.tokens) == [name_of(tokens.access)]


def test_client_has_at_most_a_hundred_valid_tokens_of_its_own() -> None:
    machine = client(grant_types=("client_credentials",))
    ends = {str(at): NOW + timedelta(seconds=1) for at in range(MAX_CLIENT_TOKENS - 1)}
    full, _ = for_client(own_grant(tokens=ends), machine, now=NOW, rng=Random(1))
    with pytest.raises(OAuthError) as found:
        for_client(full, machine, now=NOW, rng=Random(1))
    assert found.value.code == "slow_down"
    later = NOW + timedelta(seconds=1)
    after, _ = for_client(full, machine, now=later, rng=Random(2))
    assert len(live_tokens(after, later)) == 2


def test_client_without_the_grant_type_gets_no_token_of_its_own() -> None:
    with pytest.raises(OAuthError) as found:
        for_client(own_grant(), CLIENT, now=NOW, rng=Random(1))
    assert found.value.code == "unauthorized_client"
