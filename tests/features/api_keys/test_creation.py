"""Creating a key: defaults, chosen settings, and the rights that a creator can grant."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import ChosenCredits, KeySettings, check_rights, create_key
from latchhook.api_keys.errors import (
    ExpiryNotInFutureError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownScopesError,
)
from latchhook.api_keys.key_format import parse_key_text
from latchhook.api_keys.limits import Credits, Refill
from latchhook.identity.caller import Caller
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile, Rule
from latchhook.permissions.scopes import OPERATOR_SCOPES
from latchhook.rates import RateLimit
from tests.samples import CATALOGUE, MILLISECOND, NOW, PREFIX, SECOND, caller
from tests.samples import profile as sample_profile


def _create(
    chosen: KeySettings, *, creator: Caller | None = None, profile: Profile | None = None, seed: int = 1
) -> tuple[ApiKey, str]:
    return create_key(
        chosen,
        profile=profile,
        creator=creator or caller(),
        prefix=PREFIX,
        catalogue=CATALOGUE,
        now=NOW,
        rng=Random(seed),
    )


def test_key_without_settings_is_active_and_has_no_scopes() -> None:
    key, _ = _create(KeySettings())

    assert key.name == "API Key"
    assert key.status_at(NOW) == "active"
    assert key.scopes == ()
    assert (key.description, key.expires_at, key.last_used_at, key.revoked_at) == (None, None, None, None)
    assert (key.metadata, key.profile_id, key.rate_limit, key.credits, key.ip_allow_list) == ({}, None, None, None, ())
    assert key.request_count_at(NOW) == 0
    assert key.created_at == key.updated_at == NOW


def test_key_belongs_to_the_creators_account_and_records_the_creator() -> None:
    key, _ = _create(KeySettings(), creator=Caller("api_key", "acct_9", "key-1", NO_GRANTS))

    assert (key.account_id, key.user_id) == ("acct_9", "key-1")


def test_key_text_contains_the_id_and_starts_with_both_shown_prefixes() -> None:
    key, text = _create(KeySettings())

    assert parse_key_text(PREFIX, text) == key.id
    assert text.startswith(key.prefix)
    assert text.startswith(key.key_prefix)


def test_key_id_is_random_from_its_first_character() -> None:
    ids = [_create(KeySettings(), seed=seed)[0].id for seed in range(50)]

    assert {key_id.version for key_id in ids} == {4}
    assert len(set(ids)) == 50
    assert len({key_id.hex[0] for key_id in ids}) > 8


def test_chosen_settings_are_stored() -> None:
    readers = sample_profile(1)
    chosen = KeySettings(
        name="Shop",
        description="sync",
        scopes=("orders:read",),
        profile_id=readers.id,
        expires_at=NOW + SECOND,
        metadata={"team": "blue"},
        rate_limit=RateLimit(10, 60, 5),
        credits=ChosenCredits(7, Refill(100, "daily")),
        ip_allow_list=("10.0.0.0/8",),
    )

    key, _ = _create(chosen, profile=readers)

    assert (key.name, key.description, key.scopes) == ("Shop", "sync", ("orders:read",))
    assert (key.expires_at, key.metadata, key.profile_id) == (NOW + SECOND, {"team": "blue"}, readers.id)
    assert (key.rate_limit, key.rate_full_at_micros, key.ip_allow_list) == (RateLimit(10, 60, 5), 0, ("10.0.0.0/8",))
    assert key.credits == Credits(7, Refill(100, "daily"), NOW.replace(hour=0) + timedelta(days=1))


def test_duplicate_ip_ranges_are_removed_and_the_order_is_kept() -> None:
    key, _ = _create(KeySettings(ip_allow_list=["::/0", "10.0.0.0/8", "::/0"]))

    assert key.ip_allow_list == ("::/0", "10.0.0.0/8")


def test_duplicate_scopes_are_removed_and_the_order_is_kept() -> None:
    key, _ = _create(KeySettings(scopes=["orders:write", "orders:read", "orders:write"]))

    assert key.scopes == ("orders:write", "orders:read")


def test_unknown_scopes_are_refused_with_their_positions() -> None:
    with pytest.raises(UnknownScopesError) as refused:
        _create(KeySettings(scopes=["orders:read", "orders:fly", "orders:write", "nothing:read"]))

    assert refused.value.positions == (1, 3)


@pytest.mark.parametrize("scope", ["*", "orders:*", "api-keys:*"])
def test_creator_with_a_wildcard_can_grant_it(scope: str) -> None:
    assert _create(KeySettings(scopes=[scope]))[0].scopes == (scope,)


@pytest.mark.parametrize("scope", ["order:*", "orders:read:*", "events:*"])
def test_wildcard_that_covers_no_customer_scope_is_unknown(scope: str) -> None:
    with pytest.raises(UnknownScopesError):
        _create(KeySettings(scopes=[scope]))


@pytest.mark.parametrize("scope", ["*", "orders:*"])
def test_wildcard_cannot_be_granted_with_only_the_scopes_below_it(scope: str) -> None:
    """The wildcard also covers scopes that are added later."""
    creator = caller(scopes=CATALOGUE.for_customers)

    with pytest.raises(ScopesBeyondCreatorError):
        _create(KeySettings(scopes=[scope]), creator=creator)


def test_denied_scope_cannot_be_granted_by_name_or_by_wildcard() -> None:
    creator = Caller("api_key", "acct_1", "key-1", Grants.of(["orders:*"], denied=["orders:write"]))

    assert _create(KeySettings(scopes=["orders:read"]), creator=creator)[0].scopes == ("orders:read",)
    for scope in ("orders:write", "orders:*"):
        with pytest.raises(ScopesBeyondCreatorError):
            _create(KeySettings(scopes=[scope]), creator=creator)


def test_unknown_scopes_are_reported_before_scopes_beyond_the_creator() -> None:
    with pytest.raises(UnknownScopesError) as refused:
        _create(KeySettings(scopes=["orders:write", "orders:fly"]), creator=caller(scopes=frozenset()))

    assert refused.value.positions == (1,)


def test_assigning_a_profile_requires_all_rights_that_it_allows() -> None:
    readers = sample_profile(1, rules=(Rule("allow", ("orders:read",)), Rule("deny", ("*",))))
    chosen = KeySettings(profile_id=readers.id)

    assert _create(chosen, profile=readers, creator=caller(scopes=frozenset({"orders:*"})))[0].profile_id == readers.id
    with pytest.raises(ProfileBeyondCreatorError):
        _create(chosen, profile=readers, creator=caller(scopes=frozenset({"orders:write"})))


def test_customer_cannot_assign_a_profile_with_operator_scopes() -> None:
    mighty = sample_profile(1, rules=(Rule("allow", ("api-keys:verify",)),))

    with pytest.raises(ProfileBeyondCreatorError):
        _create(KeySettings(profile_id=mighty.id), profile=mighty)


def test_scopes_beyond_the_creator_are_refused_with_their_positions() -> None:
    creator = caller(scopes=frozenset({"orders:read"}))

    with pytest.raises(ScopesBeyondCreatorError) as refused:
        _create(KeySettings(scopes=["orders:write", "orders:read", "products:read"]), creator=creator)

    assert refused.value.positions == (0, 2)


def test_creator_with_a_wildcard_can_grant_a_scope_below_it() -> None:
    key, _ = _create(KeySettings(scopes=["orders:write"]), creator=caller(scopes=frozenset({"orders:*"})))

    assert key.scopes == ("orders:write",)


@pytest.mark.parametrize("scope", sorted(OPERATOR_SCOPES))
@pytest.mark.parametrize("held", [frozenset({"*"}), frozenset(OPERATOR_SCOPES)])
def test_customer_cannot_grant_operator_scopes(scope: str, held: frozenset[str]) -> None:
    with pytest.raises(ScopesBeyondCreatorError):
        _create(KeySettings(scopes=[scope]), creator=caller(scopes=held))


def test_operator_can_grant_operator_scopes() -> None:
    creator = caller(scopes=CATALOGUE.everything, operator=True)

    key, _ = _create(KeySettings(scopes=["api-keys:verify"]), creator=creator)

    assert key.scopes == ("api-keys:verify",)


@pytest.mark.parametrize("expires_at", [NOW - timedelta(days=1), NOW - MILLISECOND, NOW])
def test_expiry_that_is_not_in_the_future_is_refused(expires_at: object) -> None:
    with pytest.raises(ExpiryNotInFutureError):
        _create(KeySettings(expires_at=expires_at))  # type: ignore[arg-type]


def test_expiry_one_millisecond_ahead_is_accepted() -> None:
    key, _ = _create(KeySettings(expires_at=NOW + MILLISECOND))

    assert key.expires_at == NOW + MILLISECOND


def test_keys_have_different_ids_and_secrets() -> None:
    rng = Random(5)
    made = [
        create_key(KeySettings(), profile=None, creator=caller(), prefix=PREFIX, catalogue=CATALOGUE, now=NOW, rng=rng)
        for _ in range(20)
    ]

    assert len({key.id for key, _ in made}) == 20
    assert len({text[-38:] for _, text in made}) == 20
    assert all(isinstance(key.id, UUID) for key, _ in made)


def test_key_may_keep_scopes_that_left_the_catalogue_but_not_grant_them() -> None:
    gone = ("laps:read",)
    check_rights(gone, None, creator=caller(), catalogue=CATALOGUE, kept=gone)

    with pytest.raises(UnknownScopesError):
        check_rights(gone, None, creator=caller(), catalogue=CATALOGUE)
    with pytest.raises(ScopesBeyondCreatorError):
        check_rights(gone, None, creator=caller(scopes=frozenset({"orders:*"})), catalogue=CATALOGUE, kept=gone)
