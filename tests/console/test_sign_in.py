"""Signing in by link, by password or from the local list, and returning to the same screen."""

import json
import time

from playwright.sync_api import Page, Route, expect

from local.stack import RunningStack
from local.tokens import ACCOUNT_ID
from tests.console.browsing import Console
from tests.journeys.product import new_account

SUPABASE = "https://project.supabase.test"


def storage(page: Page) -> str:
    """Return everything that the page stores in the browser."""
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    return str(page.evaluate(kept))


def expired(stack: RunningStack) -> str:
    return stack.tokens.account_token(exp=int(time.time()) - 60)


def test_local_stack_signs_in_listed_users(console: Console) -> None:
    page = console.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Ada, business admin")).to_be_visible()
    console.check_screen("sign-in")
    console.sign_in_as("Ada")
    console.shows("API keys")
    page.reload()
    console.shows("API keys")


def test_token_of_a_link_is_stored_for_the_tab_only(console: Console) -> None:
    token = console.stack.tokens.account_token(new_account())
    page = console.open("/webhooks?status=paused", token)
    console.shows("Webhooks")
    expect(page).to_have_url(f"{console.url}/webhooks?status=paused")
    kept = json.loads(storage(page))
    assert token in json.dumps(kept[1])
    assert token not in json.dumps([kept[0], *kept[2:]])
    page.go_back()  # leads to an empty page, not to the URL with the token
    assert token not in page.url
    page.go_forward()
    console.shows("Webhooks")
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert token not in storage(page)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.evaluate("token => { location.hash = `access_token=${token}` }", token)
    console.shows("Webhooks")
    expect(page).to_have_url(f"{console.url}/webhooks?status=paused")


def test_expired_session_returns_to_the_same_screen_after_sign_in(console: Console) -> None:
    page = console.open("/usage?days=90", console.stack.tokens.account_token(new_account()))
    console.shows("Usage")
    soon = console.stack.tokens.account_token(exp=int(time.time()) + 3)
    page.evaluate("token => { location.hash = `access_token=${token}` }", soon)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    console.check_screen("sign-in-expired")
    console.sign_in_as("Ada")
    console.shows("Usage")
    expect(page).to_have_url(f"{console.url}/usage?days=90")


def test_refused_session_returns_to_the_same_screen_through_the_product(console: Console) -> None:
    token = console.stack.tokens.account_token(new_account())
    page = console.open("/usage", token)
    console.shows("Usage")
    forged = token.rpartition(".")[0] + "." + "A" * 43
    page.evaluate("token => { location.hash = `access_token=${token}` }", forged)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    console.open("", console.stack.tokens.account_token(new_account()))
    console.shows("Usage")


def test_expired_link_shows_the_reason(console: Console) -> None:
    page = console.open("/webhooks", expired(console.stack))
    expect(page.get_by_role("alert")).to_contain_text("The session that you came with has ended.")
    expect(page).to_have_url(f"{console.url}/webhooks")
    console.sign_in_as("Ada")
    console.shows("Webhooks")


def with_supabase(console: Console) -> None:
    """Configure a Supabase project in the page's settings and in its policy, as a deployment would."""

    def settings(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "supabase": {"url": SUPABASE, "key": "public"}})

    def document(route: Route) -> None:
        response = route.fetch()
        policy = response.headers["content-security-policy"].replace(
            "connect-src 'self'", f"connect-src 'self' {SUPABASE}"
        )
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": policy})

    console.page.route("**/admin/integrations/config.json", settings)
    console.page.route("**/admin/integrations", document)


CORS = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}


def test_password_signs_in_at_the_configured_project(console: Console) -> None:
    token = console.stack.tokens.account_token(ACCOUNT_ID)
    asked = []

    def supabase(route: Route) -> None:
        if route.request.method == "OPTIONS":
            route.fulfill(headers=CORS)
            return
        sent = json.loads(route.request.post_data or "")
        asked.append((route.request.headers["apikey"], sent))
        if sent["password"] == "right":
            route.fulfill(json={"access_token": token}, headers=CORS)
        else:
            route.fulfill(status=400, json={"error_code": "invalid_credentials"}, headers=CORS)

    with_supabase(console)
    console.page.route(f"{SUPABASE}/auth/v1/token?grant_type=password", supabase)
    page = console.open()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("E-mail address or password is not right.")).to_be_visible()
    console.check_screen("sign-in-password")
    page.get_by_label("Password", exact=True).fill("right")
    page.keyboard.press("Enter")
    console.shows("API keys")
    assert asked == [
        ("public", {"email": "ada@example.com", "password": "wrong"}),
        ("public", {"email": "ada@example.com", "password": "right"}),
    ]
    assert "right" not in storage(page)
