"""The list of API keys: search, filters, order, and lists of a thousand keys."""

import re

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, create, import_keys, in_days, query, rows
from tests.console.browsing import NARROW, OUTAGE, Console, Looks, Watch, fail, held
from tests.journeys.product import Caller, operator

MOST_LOADED = 1000
"""The page itself loads, searches and sorts up to this number of keys. More keys are paged by the API."""

LISTS = "**/api-keys?limit=100*"


def test_list_shows_keys_of_every_kind(console: Console, owner: Caller, stack: RunningStack, token: str) -> None:
    rules = [{"effect": "allow", "actions": ["orders:*"]}]
    profile = owner.call("POST", "/permission-profiles", {"name": "Order readers", "rules": rules}, status=201)
    revoked = create(owner, "Old warehouse", scopes=["inventory:read"])
    owner.call("DELETE", f"/api-keys/{revoked['id']}", status=204)
    disabled = create(owner, "Staging", scopes=["orders:*"], expiresAt=in_days(30))
    owner.call("PATCH", f"/api-keys/{disabled['id']}", {"status": "disabled"})
    create(owner, "Nightly report", scopes=["orders:read", "products:read", "inventory:read"], expiresAt=in_days(4))
    create(owner, "A name that somebody has chosen rather long, so that it has to be cut somewhere", scopes=["*"])
    create(owner, "Partner: Fjällräven", profileId=profile["id"])
    used = create(owner, "Production warehouse", scopes=["orders:read"], expiresAt=in_days(365))
    for _ in range(3):
        operator(stack).call("POST", "/api-keys/verify", {"key": used["key"]})

    page = console.open(PATH, token)
    console.shows("API keys")
    expect(rows(page)).to_have_count(6)
    for looks, each in ((Looks(NARROW, 740), page.get_by_role("listitem")), (Looks(), page.get_by_role("row"))):
        console.show_in(looks)
        for text in ("Active", "3", "just now", used["prefix"]):
            expect(each.filter(has_text=used["name"])).to_contain_text(text)
    expect(page.get_by_role("img", name="Last 30 days: 3 requests")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Fjällräven")).to_contain_text("Order readers")
    table, cards = page.get_by_role("table", name="API keys"), page.get_by_role("list", name="API keys")
    console.check_screen("api-keys-list", wide=table, narrow=cards)


def test_account_without_keys_shows_how_to_start(console: Console, token: str) -> None:
    page = console.open(PATH, token)
    expect(page.get_by_role("heading", name="No API keys yet")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    console.check_screen("api-keys-empty")


def test_last_use_shows_the_exact_time_on_hover(
    console: Console, owner: Caller, stack: RunningStack, token: str
) -> None:
    operator(stack).call("POST", "/api-keys/verify", {"key": create(owner, "Web")["key"]})
    page = console.open(PATH, token)
    page.get_by_text("just now").hover()
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d CES?T"))


def test_search_status_and_order_survive_a_reload(console: Console, owner: Caller, token: str) -> None:
    for name in ("Web shop", "Warehouse", "web hook relay"):
        create(owner, name)
    gone = create(owner, "Web, the old one")
    owner.call("DELETE", f"/api-keys/{gone['id']}", status=204)
    page = console.open(PATH, token)
    expect(rows(page)).to_have_text([gone["name"], "web hook relay", "Warehouse", "Web shop"])

    page.get_by_role("button", name="Name").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    expect(rows(page)).to_have_text(["Warehouse", "web hook relay", "Web shop", gone["name"]])
    page.get_by_label("Status").select_option("active")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("web")
    expect(rows(page)).to_have_text(["web hook relay", "Web shop"])
    expect(page.get_by_text("2 of 4 keys")).to_be_visible()
    expect(page).to_have_url(re.compile("search=web"))
    assert query(page) == {"sort": "name", "status": "active", "search": "web"}

    page.reload()
    expect(rows(page)).to_have_text(["web hook relay", "Web shop"])
    expect(page.get_by_label("Order")).to_have_value("name")

    page.get_by_role("link", name="Web shop").click()
    console.shows("Web shop")
    page.get_by_role("main").get_by_role("link", name="API keys").click()
    expect(rows(page)).to_have_text(["web hook relay", "Web shop"])

    page.get_by_role("searchbox").press("Escape")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("searchbox").fill("nothing is called this")
    expect(page.get_by_role("heading", name="No key fits")).to_be_visible()
    console.screenshot("api-keys-nothing-found")
    page.get_by_role("button", name="Show all keys").click()
    expect(rows(page)).to_have_count(4)


def test_search_for_a_full_key_leaves_no_secret_in_the_url(console: Console, owner: Caller, token: str) -> None:
    create(owner, "Another")
    key = create(owner, "Found somewhere")
    page = console.open(PATH, token)
    page.get_by_role("searchbox").fill(key["key"])
    expect(rows(page)).to_have_text(["Found somewhere"])
    assert query(page) == {"search": key["prefix"]}


def test_outage_is_explained_and_can_be_retried(console: Console, watch: Watch, owner: Caller, token: str) -> None:
    watch.expect("status of 503")
    create(owner, "Still there")
    page = console.page
    page.route(LISTS, fail)
    console.open(PATH, token)
    for text in (OUTAGE["detail"], OUTAGE["requestId"]):
        expect(page.get_by_role("alert")).to_contain_text(str(text))
    expect(page.get_by_text("0 keys")).to_have_count(0)
    console.check_screen("api-keys-outage")
    page.unroute(LISTS)
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_text(["Still there"])


def test_placeholder_is_shown_while_loading(console: Console, owner: Caller, token: str) -> None:
    create(owner, "Late")
    page = console.page
    with held(page, LISTS):
        console.open(PATH, token)
        console.shows("API keys")
        for looks in (Looks(NARROW, 740), Looks()):
            console.show_in(looks)
            expect(page.get_by_text("Loading")).to_be_attached()
        console.screenshot("api-keys-loading")
    expect(rows(page)).to_have_text(["Late"])


def test_list_of_a_thousand_keys_has_only_the_visible_rows(
    console: Console, owner: Caller, account_id: str, token: str
) -> None:
    import_keys(owner, account_id, MOST_LOADED)
    page = console.open(f"{PATH}?sort=name", token)
    expect(page.get_by_text("1,000 keys", exact=True)).to_be_visible()
    assert rows(page).first.inner_text() == "Imported 0000"
    assert rows(page).count() < 40
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("link", name="Imported 0999")).to_be_visible()
    assert rows(page).count() < 40
    console.screenshot("api-keys-thousand")
    page.get_by_role("searchbox").fill("0500")
    expect(rows(page)).to_have_text(["Imported 0500"])


def test_more_than_a_thousand_keys_are_shown_in_pages(
    console: Console, owner: Caller, account_id: str, token: str
) -> None:
    import_keys(owner, account_id, MOST_LOADED + 10)
    page = console.open(PATH, token)
    expect(page.get_by_text("There are more than 1,000 keys.")).to_be_visible()
    expect(page.get_by_label("Order")).to_be_disabled()
    first = rows(page).first.inner_text()
    page.get_by_role("button", name="Next").click()
    expect(rows(page).first).not_to_have_text(first)
    second = rows(page).first.inner_text()
    page.reload()
    expect(rows(page).first).to_have_text(second)
    page.get_by_role("searchbox").fill("Imported 0007")
    expect(rows(page)).to_have_text(["Imported 0007"])
    console.screenshot("api-keys-pages")
