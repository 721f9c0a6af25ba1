"""Revocation of tokens by their client (RFC 7009)."""

import pytest

from tests.functions.calls import call
from tests.functions.oauth.apps import connected, credentials, form, made_client, own_token, refresh, user, verified


def test_access_token_ends_alone() -> None:
    made = connected()
    revoked = form("revoke_token", {"token": made.access, **credentials(made.client)})
    assert (revoked.status, revoked.text) == (200, "")
    assert verified(made.access)["code"] == "NOT_FOUND"
    assert refresh(made.client, made.refresh).status == 200


def test_refresh_token_ends_the_whole_grant() -> None:
    made = connected()
    fields = {"token": made.refresh, "token_type_hint": "refresh_token", **credentials(made.client)}
    assert form("revoke_token", fields).status == 200
    assert verified(made.access)["code"] == "REVOKED"
    assert refresh(made.client, made.refresh).body["error"] == "invalid_grant"
    assert call("list_oauth_grants", user()).body["data"] == []


def test_own_token_of_a_client_ends() -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    first, second = own_token(machine), own_token(machine)
    assert form("revoke_token", {"token": first, **credentials(machine)}).status == 200
    assert (verified(first)["code"], verified(second)["code"]) == ("NOT_FOUND", "VALID")


@pytest.mark.parametrize("token", ["x", "lhat_x", "lhrt_x", "lhac_x", "lhat_\u00e4"])
def test_unknown_token_gets_200(token: str) -> None:
    assert form("revoke_token", {"token": token, **credentials(made_client())}).status == 200


def test_token_of_another_client_gets_200_and_is_kept() -> None:
    made, other = connected(), made_client(name="Other")
    for token in (made.access, made.refresh):
        assert form("revoke_token", {"token": token, **credentials(other)}).status == 200
    assert verified(made.access)["code"] == "VALID"
    assert refresh(made.client, made.refresh).status == 200


def test_client_must_authenticate_and_name_a_token() -> None:
    made = connected()
    wrong = {**credentials(made.client), "client_secret": "x"}
    assert form("revoke_token", {"token": made.access, **wrong}).status == 401
    missing = form("revoke_token", credentials(made.client))
    assert (missing.status, missing.body["error"]) == (400, "invalid_request")
    assert verified(made.access)["code"] == "VALID"
