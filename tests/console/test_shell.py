"""The frame of every screen: tabs, the current account, and the reason for refused access."""

from playwright.sync_api import expect

from tests.console.browsing import Console, narrow
from tests.journeys.product import new_account

TABS = {"API Keys": "API keys", "Webhooks": "Webhooks", "Usage": "Usage", "Audit": "Audit"}


def admin_token(console: Console) -> str:
    return console.stack.tokens.account_token(new_account(), email="ada@example.com")


def test_each_tab_shows_its_screen(console: Console) -> None:
    page = console.open("", admin_token(console))
    for tab, heading in TABS.items():
        console.tab(tab)
        console.shows(heading)
        expect(page.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
        expect(page).to_have_title(f"{heading} · Integrations")
        page.wait_for_load_state("networkidle")
        console.check_screen(f"shell-{tab.lower().replace(' ', '-')}")


@narrow
def test_account_and_tabs_can_be_changed_on_a_narrow_screen(console: Console) -> None:
    own, client = new_account(), new_account()
    page = console.open(
        "/webhooks", console.stack.tokens.account_token(own, role="advisor", client_account_ids=[client])
    )
    page.get_by_role("combobox", name="Account").click()
    page.get_by_role("option", name=client).click()
    for tab, heading in TABS.items():
        console.tab(tab)
        console.shows(heading)
        assert page.url.endswith(f"?account={client}")
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_tabs_have_urls(console: Console) -> None:
    page = console.open("/audit", admin_token(console))
    console.shows("Audit")
    page.reload()
    console.shows("Audit")
    console.tab("Usage")
    console.shows("Usage")
    page.go_back()
    console.shows("Audit")


def test_everything_is_reachable_by_keyboard(console: Console) -> None:
    page = console.open("", admin_token(console))
    console.shows("API keys")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="account menu")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Webhooks")).to_be_focused()
    page.keyboard.press("Enter")
    console.shows("Webhooks")


def test_content_can_be_skipped_to(console: Console) -> None:
    page = console.open("/webhooks", admin_token(console))
    console.shows("Webhooks")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert page.url == f"{console.url}/webhooks"


def test_menu_opens_and_closes_by_keyboard(console: Console) -> None:
    page = console.open("", admin_token(console))
    console.shows("API keys")
    page.get_by_role("button", name="account menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    console.check_screen("shell-menu")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_hidden()
    expect(page.get_by_role("button", name="account menu")).to_be_focused()


def test_unknown_url_shows_that_nothing_is_there(console: Console) -> None:
    page = console.open("/nothing/here", admin_token(console))
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    page.get_by_role("link", name="Go to API Keys").click()
    console.shows("API keys")


def test_advisor_switches_accounts_and_a_reload_keeps_the_account(console: Console) -> None:
    own, first, second = new_account(), new_account(), new_account()
    names = {own: "Fabrikam Advisory", first: "Northwind", second: "Contoso"}
    metadata = {"account_id": own, "role": "advisor", "client_account_ids": [first, second], "account_names": names}
    page = console.open("/webhooks", console.stack.tokens.account_token(own, app_metadata=metadata))
    console.shows("Webhooks")
    switch = page.get_by_role("combobox", name="Account")
    expect(switch).to_have_value("Fabrikam Advisory")
    with page.expect_request("**/api-keys?*") as asked:
        switch.click()
        page.get_by_role("option", name="Contoso").click()
    assert asked.value.headers["x-account-id"] == second
    assert page.url == f"{console.url}/webhooks?account={second}"
    console.check_screen("shell-advisor")
    page.reload()
    expect(switch).to_have_value("Contoso")
    console.tab("Usage")
    assert page.url == f"{console.url}/usage?account={second}"


def test_advisor_sees_why_an_account_is_not_accessible(console: Console) -> None:
    own, others = new_account(), new_account()
    token = console.stack.tokens.account_token(own, role="advisor", client_account_ids=[new_account()])
    page = console.open(f"/webhooks?account={others}", token)
    expect(page.get_by_role("alert")).to_contain_text("names an account that you may not manage")
    page.get_by_role("combobox", name="Account").click()
    page.get_by_role("option", name=own).click()
    console.shows("Webhooks")


def test_member_sees_why_access_is_refused(console: Console) -> None:
    page = console.open("", console.stack.tokens.account_token(new_account(), role="member"))
    reason = page.get_by_role("alert")
    expect(reason).to_contain_text("Only business admins and advisors manage integrations.")
    expect(reason).to_contain_text("Your role is member.")
    expect(reason).to_contain_text("Request ")
    console.check_screen("shell-member")


def test_admin_has_no_account_switch(console: Console) -> None:
    page = console.open("", admin_token(console))
    console.shows("API keys")
    expect(page.get_by_role("combobox", name="Account")).to_have_count(0)
