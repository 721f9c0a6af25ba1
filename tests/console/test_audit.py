"""The audit log screen: actions of the API appear in words and can be found."""

from playwright.sync_api import Page, Route, expect

from tests.console.browsing import Console, Watch, fail, held
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


def test_events_are_shown_newest_first_with_links_to_existing_objects(console: Console) -> None:
    account_id = new_account()
    ids = with_history(console, account_id)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    told = sentences(page)
    assert sorted(told) == sorted(
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
    assert told[0] == "You revoked the API key Production Integration"
    events = page.get_by_role("list", name="Events")
    expect(events.get_by_text("Refused: insufficient scope")).to_be_visible()
    expect(events.get_by_text("Changed: ")).to_have_text("Changed: name, description")
    expect(events.get_by_role("link", name=ids["deleted"][:8])).to_have_count(0)
    events.get_by_role("link", name=HOOK).click()
    expect(page).to_have_url(f"{console.url}/webhooks/{ids['webhook']}")
    page.go_back()
    events.get_by_role("link", name="Production Integration").first.click()
    console.shows("Production Integration")


def test_details_are_shown_as_text_and_filter_for_related_events(console: Console) -> None:
    account_id = new_account()
    ids = with_history(console, account_id)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    details = page.get_by_role("button", name="Details of api_key.rotated")
    details.focus()
    page.keyboard.press("Enter")
    expect(details).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("Old secret ends").last).to_be_visible()
    expect(page.get_by_text(ids["key"])).to_be_visible()
    page.reload()
    expect(details).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="All about this API key").click()
    expect(page).to_have_url(f"{console.url}/audit?target={ids['key']}")
    expect(page.get_by_role("list", name="Events").get_by_role("listitem")).to_have_count(4)
    page.get_by_role("button", name="show what was done to anything").click()
    expect(page.get_by_role("list", name="Events").get_by_role("listitem")).to_have_count(9)


def test_filters_are_in_the_url_and_match_the_api(console: Console) -> None:
    account_id = new_account()
    ids = with_history(console, account_id)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    rows = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(rows).to_have_count(9)
    page.get_by_label("Action").select_option(label="Rotated an API key")
    expect(rows).to_have_count(1)
    page.get_by_label("Action").select_option(label="Everything about webhooks")
    expect(rows).to_have_count(3)
    page.get_by_label("When").select_option(label="Last 24 hours")
    expect(page).to_have_url(f"{console.url}/audit?action=webhook.*&period=1")
    page.reload()
    expect(rows).to_have_count(3)
    page.get_by_label("Action").select_option(label="Refused requests")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Details of request.refused").click()
    page.get_by_role("button", name="All by Key Production Integration").click()
    expect(page).to_have_url(f"{console.url}/audit?action=request.refused&period=1&actor={ids['key']}")
    expect(page.get_by_label("Who")).to_have_value(ids["key"])
    page.get_by_label("When").select_option(label="Between days")
    page.get_by_label("Last day").fill("2020-01-01")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("button", name="Show all events").click()
    expect(rows).to_have_count(9)
    expect(page).to_have_url(f"{console.url}/audit")


def test_pages_survive_a_reload(console: Console) -> None:
    account_id = new_account()
    account = admin(console.stack, account_id)
    for number in range(52):
        account.call("POST", "/api-keys", {"name": f"Key {number}"}, status=201)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    first = sentences(page)
    assert len(first) == 50
    page.get_by_role("button", name="Next").click()
    rows = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(rows).to_have_count(2)
    assert "cursor=" in page.url
    page.reload()
    expect(rows).to_have_count(2)
    second = sentences(page)
    assert not set(first) & set(second)
    page.get_by_role("button", name="Previous").click()
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text(first[0])  # names load after the page
    assert sentences(page) == first


def test_page_without_a_match_offers_to_look_further(console: Console) -> None:
    page = console.page

    def response(route: Route) -> None:
        last = "cursor=" in route.request.url
        route.fulfill(json={"data": [], "nextCursor": None if last else "more"})

    page.route("**/audit-events?*", response)
    console.open("/audit?action=webhook.deleted", console.stack.tokens.account_token(new_account()))
    page.get_by_role("button", name="Look further").click()
    expect(page.get_by_role("heading", name="Nothing fits", exact=True)).to_be_visible()


def test_full_screen_looks_right(console: Console) -> None:
    account_id = new_account()
    ids = with_history(console, account_id)
    page = console.open("/audit", console.stack.tokens.account_token(account_id))
    sentences(page)
    console.check_screen("audit")
    page.get_by_role("button", name="Details of api_key.rotated").click()
    console.check_screen("audit-opened")
    page.get_by_role("button", name="All about this API key").click()
    expect(page).to_have_url(f"{console.url}/audit?target={ids['key']}")
    page.get_by_label("When").select_option(label="Between days")
    expect(page.get_by_role("list", name="Events").get_by_role("listitem")).to_have_count(4)
    console.check_screen("audit-filtered")


def test_empty_loading_and_failing_states_are_shown(console: Console, watch: Watch) -> None:
    watch.expect("the server responded with a status of 503")
    page = console.page
    token = console.stack.tokens.account_token(new_account())
    console.open("/audit", token)
    expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()
    console.check_screen("audit-empty")
    with held(page, "**/audit-events?*", then=fail):
        page.reload()
        expect(page.get_by_text("Loading")).to_be_attached()
        expect(page.get_by_label("Action")).to_be_visible()
        console.screenshot("audit-loading")
    expect(page.get_by_text("The events couldn't be loaded")).to_be_visible()
    console.check_screen("audit-failed")
