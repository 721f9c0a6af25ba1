"""The list of grants: users see their own, admins those of the account."""

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import Caller, call
from tests.functions.oauth.apps import code_of, connected, made_client, user, verified


def reader(user_id: str) -> Caller:
    """Add a member with the right to read orders only, and return its session."""
    rules = [{"effect": "allow", "actions": ["orders:read"]}]
    profile = call("create_permission_profile", admin(), body={"name": user_id, "rules": rules}).body
    return user(user_id, role="member", profileId=profile["id"])


def users_in(caller: Caller, **query: str) -> list[str]:
    """Return the users of the listed grants."""
    response = call("list_oauth_grants", caller, query=query)
    assert response.status == 200, response.text
    return [each["userId"] for each in response.body["data"]]


def test_grant_is_listed_from_its_first_token_on() -> None:
    client, caller = made_client(), user()
    code_of(client, caller)
    assert users_in(caller) == []
    made = connected(client, caller)
    verified(made.access)
    (listed,) = call("list_oauth_grants", caller).body["data"]
    assert (listed["clientId"], listed["clientName"], listed["scopes"], listed["redirectHost"]) == (
        client["id"], "Warehouse app", ["orders:read"], "app.example.com",
    )  # fmt: skip
    assert listed["lastUsedAt"] is not None


def test_members_see_their_own_grants_and_admins_all() -> None:
    client = made_client()
    mine, theirs = reader("mine"), reader("theirs")
    connected(client, mine)
    connected(client, theirs)
    connected(made_client(OTHER_ACCOUNT), user("foreign", OTHER_ACCOUNT))
    assert users_in(mine) == ["mine"]
    assert users_in(mine, userId="mine") == ["mine"]
    assert users_in(admin()) == ["mine", "theirs"]
    assert users_in(admin(), userId="theirs") == ["theirs"]
    assert users_in(holder(made_key("oauth-clients:read")["key"])) == ["mine", "theirs"]


def test_callers_without_the_scope_cannot_see_other_users() -> None:
    refused = call("list_oauth_grants", reader("mine"), query={"userId": "theirs"})
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    assert call("list_oauth_grants", holder(made_key()["key"])).code == "insufficient_scope"


def test_user_ids_with_a_common_start_are_kept_apart() -> None:
    client = made_client()
    connected(client, user("mira"))
    connected(client, user("mira#2"))
    assert users_in(admin(), userId="mira") == ["mira"]


def test_pages_contain_each_grant_once() -> None:
    client = made_client()
    for name in ("a", "b", "c"):
        connected(client, user(name))
    first = call("list_oauth_grants", admin(), query={"limit": "2"}).body
    second = call("list_oauth_grants", admin(), query={"limit": "2", "cursor": first["nextCursor"]}).body
    assert [each["userId"] for each in [*first["data"], *second["data"]]] == ["a", "b", "c"]
    one = call("list_oauth_grants", admin(), query={"limit": "1", "userId": "a"}).body
    assert (len(one["data"]), one["nextCursor"]) == (1, None)


def test_grants_of_one_client_are_found_on_their_pages() -> None:
    first, second = made_client(), made_client(name="Other")
    connected(first, user("a"))
    connected(second, user("b"))
    connected(first, user("b"))
    assert users_in(admin(), clientId=first["id"]) == ["a", "b"]
    assert users_in(admin(), clientId=second["id"], userId="b") == ["b"]
    assert users_in(admin(), clientId="x") == []


def test_invalid_cursor_is_refused() -> None:
    assert call("list_oauth_grants", admin(), query={"cursor": "x"}).status == 422
