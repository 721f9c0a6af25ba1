"""GET /members."""

from tests.functions.callers import OTHER_ACCOUNT, admin, made_member
from tests.functions.calls import call


def test_members_are_listed_by_user_id_without_client_accounts() -> None:
    made = [made_member(user_id) for user_id in ("c", "a", "b")]
    made_member("theirs", OTHER_ACCOUNT)
    response = call("list_members", admin(), query={})
    for each in made:
        del each["clientAccountIds"]
    assert response.status == 200
    assert response.body == {"data": sorted(made, key=lambda each: str(each["userId"])), "nextCursor": None}


def test_pages_list_every_member_once() -> None:
    for number in range(5):
        made_member(f"user-{number}")
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = call("list_members", admin(), query=query).body
        seen += [member["userId"] for member in page["data"]]
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert seen == [f"user-{number}" for number in range(5)]


def test_cursor_of_another_account_or_list_is_422() -> None:
    for user_id in ("a", "b"):
        made_member(user_id, OTHER_ACCOUNT)
    theirs = call("list_members", admin(OTHER_ACCOUNT), query={"limit": "1"}).body["nextCursor"]
    for cursor in (theirs, "x"):
        response = call("list_members", admin(), query={"cursor": cursor})
        assert (response.status, response.pointers) == (422, ["?cursor"])
