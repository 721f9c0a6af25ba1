"""The list of API keys: keys of every kind, and lists of a thousand keys."""

import re

from playwright.sync_api import expect

from local.stack import RunningStack
from tests.console.api_key_screens import PATH, create, import_keys, in_days, rows
from tests.console.browsing import NARROW, Console, Looks
from tests.journeys.product import Caller, operator

MOST_LOADED = 1000
"""The page itself loads, searches and sorts up to this number of keys. More keys are paged by the API."""


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
    page.get_by_text("just now").hover()
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d CES?T"))


def test_more_than_a_thousand_keys_are_shown_in_pages(
    console: Console, owner: Caller, account_id: str, token: str
) -> None:
    import_keys(owner, account_id, MOST_LOADED)
    page = console.open(f"{PATH}?sort=name", token)
    expect(page.get_by_text("1,000 keys", exact=True)).to_be_visible()
    expect(rows(page).first).to_have_text("Imported 0000")
    assert rows(page).count() < 40  # only the visible rows are in the document
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("link", name="Imported 0999")).to_be_visible()
    assert rows(page).count() < 40
    console.screenshot("api-keys-thousand")
    page.get_by_role("searchbox").fill("0500")
    expect(rows(page)).to_have_text(["Imported 0500"])

    create(owner, "The newest")
    console.open(PATH)
    page.reload()
    expect(page.get_by_text("There are more than 1,000 keys.")).to_be_visible()
    expect(page.get_by_label("Order")).to_be_disabled()
    expect(rows(page).first).to_have_text("The newest")
    page.get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("cursor="))
    expect(rows(page).first).not_to_have_text("The newest")
    second = rows(page).first.inner_text()
    page.reload()
    expect(rows(page).first).to_have_text(second)
    page.get_by_role("searchbox").fill("Imported 0007")
    expect(rows(page)).to_have_text(["Imported 0007"])
    console.screenshot("api-keys-pages")
