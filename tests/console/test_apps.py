"""Apps: an admin registers an app, changes it and deletes it, and disconnects its user."""

from playwright.sync_api import expect

from tests.console.browsing import Console
from tests.functions.oauth.apps import CHALLENGE, VERIFIER, parameters_in, query_of
from tests.journeys.oauth_apps import REDIRECT_URI, client_of, user_of
from tests.journeys.product import Caller, nobody


def connect(console: Console, user: Caller, client: dict[str, str]) -> None:
    """Connect the user to an app of a server."""
    query = {
        "response_type": "code",
        "client_id": client["id"],
        "redirect_uri": REDIRECT_URI,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    decided = user.call("POST", "/oauth/consents", {"query": query_of(query), "decision": "allow"})
    form = {
        "grant_type": "authorization_code",
        "code": parameters_in(decided["redirectTo"])["code"],
        "code_verifier": VERIFIER,
        "client_id": client["id"],
        "client_secret": client["secret"],
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = nobody(console.stack).send_request("POST", "/oauth/token", raw=query_of(form).encode(), headers=headers)
    assert sent.status_code == 200, sent.text


def test_admin_registers_changes_and_deletes_an_app(console: Console, account_id: str, token: str) -> None:
    user_of(console.stack, account_id)
    page = console.open("/apps", token)
    expect(page.get_by_text("No app is registered.")).to_be_visible()
    console.check_screen("apps-empty")
    page.get_by_role("button", name="New app").click()
    form = page.get_by_role("dialog", name="New app")
    form.get_by_label("Name").fill("Warehouse app")
    form.get_by_label("Redirect URIs").fill("http://app.example.com")
    expect(form.get_by_text("Use https, http on a loopback address")).to_be_visible()
    form.get_by_label("Redirect URIs").fill(REDIRECT_URI)
    form.get_by_role("checkbox", name="orders:read").check()
    console.check_screen("apps-new")
    form.get_by_role("button", name="Register app").click()
    shown = page.get_by_role("dialog", name="Warehouse app is registered")
    expect(shown.get_by_text("lhcs_")).to_be_visible()
    shown.get_by_role("checkbox").check()
    shown.get_by_role("button", name="Done").click()
    console.shows("Warehouse app")
    expect(page.get_by_text("lhcs_")).to_have_count(0)

    page.get_by_role("button", name="Edit", exact=True).click()
    form = page.get_by_role("dialog", name="Edit Warehouse app")
    form.get_by_label("Name").fill("Stock app")
    form.get_by_role("button", name="Save").click()
    console.shows("Stock app")
    page.get_by_role("button", name="Delete", exact=True).click()
    query = page.get_by_role("dialog", name="Delete Stock app")
    query.get_by_role("textbox").fill("Stock app")
    query.get_by_role("button", name="Delete app").click()
    expect(page.get_by_text("No app is registered.")).to_be_visible()


def test_connections_are_listed_for_the_user_and_on_the_apps_page(
    console: Console, account_id: str, token: str
) -> None:
    user = user_of(console.stack, account_id)
    client = client_of(user)
    connect(console, user, client)
    page = console.open("/apps", token)
    expect(page.get_by_role("list", name="Connected by you")).to_contain_text("Read order data")
    console.check_screen("apps")
    page.get_by_role("list", name="Registered in this account").get_by_role("link", name="Warehouse app").click()
    expect(page.get_by_role("list", name="Connected users")).to_be_visible()
    console.check_screen("apps-one")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("No user has connected this app.")).to_be_visible()
    assert user.call("GET", "/oauth-grants")["data"] == []
