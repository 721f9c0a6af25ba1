"""The frame of every screen: tabs, the current account, and the reason for refused access."""

import re

from playwright.sync_api import expect

from tests.console.browsing import OUTAGE, Console, Watch, fail, narrow
from tests.journeys.product import new_account

TABS = {
    "API Keys": ("API keys", "No API keys yet"),
    "Webhooks": ("Webhooks", "No webhooks yet"),
    "Usage": ("Usage", "Nothing has been used yet"),
    "Audit": ("Audit", "Nothing has happened yet"),
    "Members": ("Members", "No members yet"),
}
"""The heading of each tab of an admin, and the heading of its empty state."""

OF_ADVISORS = [name for name in TABS if name != "Members"]
"""The tabs of an advisor."""

OUTAGES = {
    "/api-keys": "The keys couldn't be loaded",
    "/api-keys/profiles": "The profiles couldn't be loaded",
    "/webhooks": "The webhooks couldn't be loaded",
    "/audit": "The events couldn't be loaded",
    "/members": "The members couldn't be loaded",
}


def admin_token(console: Console) -> str:
    return console.stack.tokens.account_token(new_account(), email="ada@example.com")


def test_each_tab_has_a_url_and_says_how_to_start(console: Console) -> None:
    page = console.open("", admin_token(console))
    for tab, (heading, empty) in TABS.items():
        console.tab(tab)
        console.shows(heading)
        expect(page.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
        expect(page).to_have_title(f"{heading} · Integrations")
        expect(page.get_by_role("heading", name=empty)).to_be_visible()
        console.check_screen(f"{tab.lower().replace(' ', '-')}-empty")
    page.reload()
    console.shows("Members")
    page.go_back()
    console.shows("Audit")
    expect(page.get_by_role("combobox", name="Account")).to_have_count(0)


def test_each_tab_explains_an_outage(console: Console, watch: Watch) -> None:
    watch.expect("the server responded with a status of 503")
    page = console.page
    for path in ("api-keys?limit=100", "webhooks", "audit-events?*", "permission-profiles?*", "members"):
        page.route(f"{console.stack.base_url}/{path}", fail)
    console.open("/api-keys", admin_token(console))
    for path, title in OUTAGES.items():
        console.open(path)
        notice = page.get_by_role("alert").filter(has_text=title)
        for text in (OUTAGE["detail"], OUTAGE["requestId"]):
            expect(notice).to_contain_text(str(text))
        console.screenshot(f"{path.rpartition('/')[2]}-failed")
    console.check_screen("members-failed")


@narrow
def test_account_and_tabs_can_be_changed_on_a_narrow_screen(console: Console) -> None:
    own, client = new_account(), new_account()
    page = console.open(
        "/webhooks", console.stack.tokens.account_token(own, role="advisor", client_account_ids=[client])
    )
    page.get_by_role("combobox", name="Account").click()
    page.get_by_role("option", name=client).click()
    for tab in OF_ADVISORS:
        console.tab(tab)
        console.shows(TABS[tab][0])
        expect(page).to_have_url(re.compile(rf"\?account={client}$"))
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_everything_is_reachable_by_keyboard(console: Console) -> None:
    page = console.open("", admin_token(console))
    console.shows("API keys")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to content")).to_be_focused()
    page.keyboard.press("Tab")
    menu = page.get_by_role("button", name="account menu")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    console.check_screen("shell-menu")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Webhooks")).to_be_focused()
    page.keyboard.press("Enter")
    console.shows("Webhooks")
    page.get_by_role("button", name="Skip to content").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page).to_have_url(f"{console.url}/webhooks")


def test_advisor_switches_accounts_and_sees_a_refusal(console: Console) -> None:
    own, first, second = new_account(), new_account(), new_account()
    names = {own: "Fabrikam Advisory", first: "Northwind", second: "Contoso"}
    metadata = {"account_id": own, "role": "advisor", "client_account_ids": [first, second], "account_names": names}
    token = console.stack.tokens.account_token(own, app_metadata=metadata)
    page = console.open(f"/webhooks?account={new_account()}", token)
    expect(page.get_by_role("alert")).to_contain_text("names an account that you may not manage")
    switch = page.get_by_role("combobox", name="Account")
    with page.expect_request("**/me") as asked:
        switch.click()
        page.get_by_role("option", name="Contoso").click()
    assert asked.value.headers["x-account-id"] == second
    console.shows("Webhooks")
    expect(page).to_have_url(f"{console.url}/webhooks?account={second}")
    console.check_screen("shell-advisor")
    page.reload()
    expect(switch).to_have_value("Contoso")
    console.tab("Usage")
    expect(page).to_have_url(f"{console.url}/usage?account={second}")


def test_member_sees_why_access_is_refused(console: Console) -> None:
    page = console.open("", console.stack.tokens.account_token(new_account(), role="member"))
    reason = page.get_by_role("alert")
    expect(reason).to_contain_text("Only admins, advisors and members with a permission profile have rights.")
    expect(reason).to_contain_text("The role in your session is member.")
    expect(reason).to_contain_text("Request ")
    console.check_screen("shell-member")
