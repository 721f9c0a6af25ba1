"""Makes the README's pictures of the console, light and dark: `python -m local.picture` writes
docs/images/console-*.png.

It fills an account of the deployed product through the API and takes a screenshot of the console. Two runs differ in
the keys' random prefixes and in the calendar (weekends, and the elapsed part of the month).
"""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import requests
from playwright.sync_api import Browser

from local import chromium
from local.errors import LocalStackError
from local.old_keys import add_uses, days_ago, make_old
from local.shared_stack import stack_to_use
from local.stack import RunningStack
from local.stages import ROOT

Scheme = Literal["light", "dark"]

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT, SCALE = 1280, 800, 2
DAYS = 30
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PROFILES = {
    "Storefront": [{"effect": "allow", "actions": ["orders:*", "products:read"]}],
    "Reporting": [{"effect": "allow", "actions": ["orders:read", "products:read", "inventory:read"]}],
}

_MINUTE = 1 / (24 * 60)


@dataclass(frozen=True)
class PastKey:
    """A key with a history. Times are in days. Daily uses grow from `first` to `last`, with fewer at weekends."""

    name: str
    created: float
    used: float
    first: int
    last: int
    scopes: tuple[str, ...] = ()
    profile: str | None = None
    expires: int | None = None
    disabled: bool = False
    quiet: frozenset[int] = frozenset()
    """The days without use, in days ago."""


KEYS = (
    PastKey("Marketplace connector", 23, 0.1, 60, 2600, ("orders:*", "products:read")),
    PastKey("Contractor: checkout", 76, 1.2, 310, 40, ("orders:read",), expires=6, quiet=frozenset({0})),
    PastKey("Nightly data export", 198, 0.4, 42, 60, profile="Reporting", expires=168),
    PastKey("Web shop", 240, 0, 5200, 8100, profile="Storefront"),
    PastKey("Warehouse sync", 380, 9 * _MINUTE, 1400, 1450, ("inventory:*", "orders:read"), expires=340),
    PastKey("Old point of sale", 655, 19, 800, 30, ("orders:write",), disabled=True, quiet=frozenset(range(19))),
)
"""Newest first, in the order of the screen, which has room for six."""


def write_pictures(stack: RunningStack, directory: Path = IMAGES) -> list[Path]:
    """Fill an account and write the admin's view as console-light.png and console-dark.png."""
    token = stack.tokens.account_token(str(uuid4()), email="ada@northwind.example")
    _fill(stack, token)
    directory.mkdir(parents=True, exist_ok=True)
    with chromium.browser() as browser:
        return [_picture(browser, stack, token, directory, scheme) for scheme in SCHEMES]


def _fill(stack: RunningStack, token: str) -> None:
    def call(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        response = requests.request(method, stack.base_url + path, json=body, headers=headers, timeout=60)
        if not response.ok:
            raise LocalStackError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    profiles = {
        name: call("POST", "/permission-profiles", {"name": name, "rules": rules})["id"]
        for name, rules in PROFILES.items()
    }
    for key in reversed(KEYS):
        wanted: dict[str, Any] = {"name": key.name}
        wanted |= {"profileId": profiles[key.profile]} if key.profile else {"scopes": key.scopes}
        if key.expires:
            wanted["expiresAt"] = f"{days_ago(0) + timedelta(days=key.expires, hours=1):%Y-%m-%dT%H:%M:%SZ}"
        made = call("POST", "/api-keys", wanted)
        make_old(stack, made["id"], created=key.created, used=key.used)
        add_uses(stack, made["id"], _uses(key))
        if key.disabled:
            call("PATCH", f"/api-keys/{made['id']}", {"status": "disabled"})


def _uses(key: PastKey) -> dict[int, int]:
    """Return the number of uses by days ago."""
    uses = {}
    for back in range(min(DAYS, int(key.created) + 1)):
        if back not in key.quiet:
            trend = key.last + (key.first - key.last) * back / DAYS
            weekend = 0.55 if days_ago(back).weekday() >= 5 else 1.0
            uneven = 0.85 + 0.3 * ((back * 37 + len(key.name) * 11) % 17) / 16
            uses[back] = int(trend * weekend * uneven)
    return uses


def _picture(browser: Browser, stack: RunningStack, token: str, directory: Path, scheme: Scheme) -> Path:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SCALE,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    page = context.new_page()
    page.goto(f"{stack.base_url}/admin/integrations/api-keys#access_token={token}&token_type=bearer")
    page.get_by_role("table", name="API keys").get_by_role("link", name=KEYS[0].name).wait_for()
    page.wait_for_load_state("networkidle")
    path = directory / f"console-{scheme}.png"
    page.screenshot(path=path, animations="disabled")
    context.close()
    return path


def main() -> None:
    """Write both pictures and print their paths."""
    with stack_to_use(ROOT / ".local" / "picture") as stack:
        for path in write_pictures(stack):
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    try:
        main()
    except LocalStackError as error:
        sys.exit(str(error))
