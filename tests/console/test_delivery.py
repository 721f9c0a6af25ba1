"""The console's files: small, protected by a policy, and independent of the base path."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests
from playwright.sync_api import Response, expect

from local.front import Front
from local.stack import RunningStack
from tests.console.browsing import Console, Watch
from tests.journeys.product import new_account

MAX_SCRIPT_BYTES = 250_000  # compressed, before the first screen appears


def answers_to(console: Console) -> list[Response]:
    """Return a list that collects all further responses to the page."""
    responses: list[Response] = []

    def note(response: Response) -> None:  # Playwright does not accept a built-in method
        responses.append(response)

    console.page.on("response", note)
    return responses


def test_first_load_is_small(console: Console) -> None:
    responses = answers_to(console)
    console.open("", console.stack.tokens.account_token(new_account()))
    console.shows("API keys")
    scripts = [response for response in responses if response.url.endswith(".js")]
    assert {response.headers["content-encoding"] for response in scripts} <= {"br", "gzip"}
    assert sum(int(response.headers["content-length"]) for response in scripts) <= MAX_SCRIPT_BYTES
    assert len(scripts) >= 2  # the screen has its own script


def test_screens_are_loaded_when_they_are_opened(console: Console) -> None:
    responses = answers_to(console)
    console.open("", console.stack.tokens.account_token(new_account()))
    console.shows("API keys")
    before = len(responses)
    console.tab("Webhooks")
    console.shows("Webhooks")
    assert [response.url for response in responses[:before] if "WebhooksPage" in response.url] == []
    assert [response.url for response in responses[before:] if "WebhooksPage" in response.url] != []


ATTACKS = {
    "script-src-elem": "const s = document.createElement('script'); s.text = 'owned = 1'; document.body.append(s)",
    "script-src-attr": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned = 1\">')",
    "connect-src": "fetch('https://elsewhere.example/', {mode: 'no-cors'}).then(() => { window.owned = 1 }, () => 0)",
    "style-src-elem": "const s = document.createElement('style'); s.textContent = 'p{}'; document.head.append(s)",
    "style-src-attr": "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">')",
    "img-src": "new Image().src = 'https://elsewhere.example/pixel.png'",
    "frame-src": "const f = document.createElement('iframe'); f.src = 'https://a.example/'; document.body.append(f)",
    "form-action": "const f = document.createElement('form'); f.action = '/'; document.body.append(f); f.submit()",
}


def test_content_security_policy_blocks_attacks(console: Console, watch: Watch) -> None:
    watch.expect("Content Security Policy")
    page = console.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.evaluate(
        "() => { window.refused = [];"
        " addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective)) }"
    )
    for directive, attack in ATTACKS.items():
        page.evaluate(f"() => {{ {attack} }}")
        page.wait_for_function("name => refused.includes(name)", arg=directive)
        assert page.evaluate("window.owned") is None


def test_other_sites_cannot_embed_the_console(console: Console, watch: Watch) -> None:
    watch.expect("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE")
    with site_that_embeds(console.url) as site:
        console.page.goto(site)
    (frame,) = console.page.main_frame.child_frames
    frame.wait_for_load_state()
    assert frame.get_by_role("heading").count() == 0
    assert set(watch.met) == {"frame-ancestors", "ERR_BLOCKED_BY_RESPONSE"}


@contextmanager
def site_that_embeds(url: str) -> Iterator[str]:
    """Serve another site on this machine, because remote sites may not request local pages at all."""

    class Embedding(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<!doctype html><title>Other</title><iframe src="{url}"></iframe>'.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Embedding) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_console_works_below_a_base_path(console: Console, stack: RunningStack) -> None:
    with Front(base_path="/api/v1") as front:
        front.forward_to(stack.base_url)
        token = stack.tokens.account_token(new_account())
        page = console.page
        with page.expect_response("**/api/v1/me") as response:
            page.goto(f"{front.base_url}/admin/integrations/api-keys/profiles?x=1#access_token={token}")
        assert response.value.ok
        console.shows("Permission profiles")
        expect(page).to_have_url(f"{front.base_url}/admin/integrations/api-keys/profiles?x=1")
        console.tab("Usage")
        console.shows("Usage")
        expect(page).to_have_url(f"{front.base_url}/admin/integrations/usage")


def test_old_files_are_404_and_pages_are_not_cached(stack: RunningStack) -> None:
    console = f"{stack.base_url}/admin/integrations"
    page = requests.get(f"{console}/webhooks", headers={"Accept": "text/html"}, timeout=60)
    assert page.headers["Cache-Control"] == "no-store"
    (script,) = re.findall(r'src="\./(assets/[^"]+\.js)"', page.text)
    kept = requests.get(f"{console}/{script}", timeout=60)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "import" in kept.text
    gone = requests.get(f"{console}/assets/index-00000000.js", headers={"Accept": "text/html"}, timeout=60)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_file")
