"""The consent page: a user allows an app of another site, and disconnects it."""

import re
from urllib.parse import urlencode

import requests
from playwright.sync_api import expect

from tests.console.browsing import Console
from tests.functions.oauth.apps import CHALLENGE, VERIFIER, parameters_in
from tests.journeys.oauth_apps import REDIRECT_URI, client_of, user_of
from tests.journeys.product import PATIENCE_SECONDS, new_account

APP = "<!doctype html><html lang='en'><title>App</title><h1>Welcome back</h1></html>"


def authorization_url(console: Console, client_id: str, **changes: str) -> str:
    """Return the address to which an app sends its user."""
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "state": "af0ifjsldkj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"{console.stack.base_url}/oauth/authorize?{urlencode(parameters)}"


def test_token_of_an_allowed_app_works_until_the_user_disconnects_it(console: Console) -> None:
    account_id = new_account()
    user = user_of(console.stack, account_id)
    client = client_of(user, clientUri="https://app.example.com")
    page = console.open("/api-keys", console.stack.tokens.account_token(account_id))
    page.route(f"{REDIRECT_URI}*", lambda route: route.fulfill(body=APP, content_type="text/html"))
    page.goto(authorization_url(console, client["id"]))
    expect(page.get_by_role("heading", name="Warehouse app wants to use your account")).to_be_visible()
    expect(page.get_by_role("list")).to_contain_text("Read order data")
    console.check_screen("consent")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(re.compile(re.escape(REDIRECT_URI)))
    answer = parameters_in(page.url)
    assert (answer["state"], answer["iss"]) == ("af0ifjsldkj", console.stack.base_url)

    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "code_verifier": VERIFIER,
        "redirect_uri": REDIRECT_URI,
    }
    token_url = f"{console.stack.base_url}/oauth/token"
    credentials = (client["id"], client["secret"])
    tokens = requests.post(token_url, form, auth=credentials, timeout=PATIENCE_SECONDS).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def status() -> int:
        url = f"{console.stack.base_url}/api-keys"
        return requests.get(url, headers=headers, timeout=PATIENCE_SECONDS).status_code

    assert status() == 200
    (grant,) = user.call("GET", "/oauth-grants")["data"]
    user.call("DELETE", f"/oauth-grants/{grant['id']}", status=204)
    assert status() == 401


def test_user_who_is_no_member_reads_why_the_app_cannot_be_connected(console: Console) -> None:
    client = client_of(user_of(console.stack, account_id := new_account()))
    stranger = console.stack.tokens.account_token(account_id, user_id="stranger")
    page = console.open("/api-keys", stranger)
    page.goto(authorization_url(console, client["id"]))
    expect(page.get_by_role("alert")).to_contain_text("Only stored members of the account can connect apps")
    console.check_screen("consent-refused")
