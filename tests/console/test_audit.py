"""The audit log screen: actions of the API appear in words and can be found."""

from playwright.sync_api import Page, expect

from tests.console.browsing import Console
from tests.journeys.product import admin, holder, new_account

HOOK = "http://127.0.0.1:9/orders"


def sentences(page: Page) -> list[str]:
    """Return the sentences of the page's events, newest first."""
    rows = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    return [text.split("\n")[0] for text in rows.all_inner_texts()]


def with_history(console: Console, account_id: str) -> dict[str, str]:
    """Create a history with most kinds of events, and return the ids of its objects."""
    account = admin(console.stack, account_id)
    key = account.call("POST", "/api-keys", {"name": "Production", "scopes": ["api-keys:read"]}, status=201)
    account.call("PATCH", f"/api-keys/{key['id']}", {"name": "Production Integration", "description": "Warehouse"})
    refused = holder(console.stack, key["key"]).send_request("POST", "/api-keys", {"name": "Another"})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    account.call("POST", f"/api-keys/{key['id']}/rotate", {"gracePeriodSeconds": 3600})
    kept, gone = (account.call("POST", "/webhooks", {"url": HOOK}, status=201)["id"] for _ in range(2))
    account.call("DELETE", f"/webhooks/{gone}", status=204)
    body = {"name": "Order readers", "rules": [{"effect": "allow", "actions": ["orders:read"]}]}
    profile = account.call("POST", "/permission-profiles", body, status=201)
    account.call("DELETE", f"/api-keys/{key['id']}", status=204)
    return {"key": key["id"], "webhook": kept, "deleted": gone, "profile": profile["id"]}


def test_events_are_shown_in_words_and_filtered(console: Console) -> None:
    account_id = new_account()
    ids = with_history(console, account_id)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    rows = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(rows).to_have_count(9)
    shown = sentences(page)
    assert sorted(shown) == sorted(
        [
            "You revoked the API key Production Integration",
            "You created the permission profile Order readers",
            f"You deleted the webhook {ids['deleted'][:8]}…",
            f"You created the webhook {HOOK}",
            f"You created the webhook {ids['deleted'][:8]}…",
            "You rotated the API key Production Integration",
            "Key Production Integration tried POST /api-keys",
            "You changed the API key Production Integration",
            "You created the API key Production Integration",
        ]
    )
    assert shown[0] == "You revoked the API key Production Integration"
    console.check_screen("audit")
    expect(rows.get_by_role("link", name=ids["deleted"][:8])).to_have_count(0)
    rows.get_by_role("link", name=HOOK).click()
    expect(page).to_have_url(f"{console.url}/webhooks/{ids['webhook']}")
    page.go_back()
    rows.get_by_role("link", name="Production Integration").first.click()
    console.shows("Production Integration")
    page.go_back()
    details = page.get_by_role("button", name="Details of api_key.rotated")
    details.focus()
    page.keyboard.press("Enter")
    expect(details).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("Old secret ends").last).to_be_visible()
    console.check_screen("audit-opened")
    page.reload()
    expect(details).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="All about this API key").click()
    expect(page).to_have_url(f"{console.url}/audit?target={ids['key']}")
    expect(rows).to_have_count(4)

    page.get_by_label("When").select_option(label="Between days")
    console.screenshot("audit-filtered")
    page.get_by_label("Last day").fill("2020-01-01")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("button", name="Show all events").click()
    expect(rows).to_have_count(9)
    page.get_by_label("Action").select_option(label="Everything about webhooks")
    expect(rows).to_have_count(3)
    page.get_by_label("When").select_option(label="Last 24 hours")
    expect(page).to_have_url(f"{console.url}/audit?action=webhook.*&period=1")
    page.get_by_label("Action").select_option(label="Refused requests")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Details of request.refused").click()
    page.get_by_role("button", name="All by Key Production Integration").click()
    expect(page).to_have_url(f"{console.url}/audit?action=request.refused&period=1&actor={ids['key']}")
    expect(rows).to_have_count(1)
