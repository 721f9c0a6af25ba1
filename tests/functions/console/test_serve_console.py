"""GET /admin/integrations and below: the built console."""

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest

from latchhook.bootstrap import environment
from tests.functions.calls import ROOT, invoke, own_event

ASSETS = ROOT / "functions" / "console" / "assets"
SCRIPT = next(ASSETS.glob("assets/index-*.js.br")).name.removesuffix(".br")
DOCUMENT = "text/html,application/xhtml+xml,*/*;q=0.8"


def get(path: str = "/admin/integrations", **headers: str) -> dict[str, Any]:
    event = own_event("serve_console")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["headers"] = {**event["headers"], **{name.replace("_", "-"): value for name, value in headers.items()}}
    response: dict[str, Any] = invoke("serve_console", event)
    return response


def policy(headers: Mapping[str, str]) -> dict[str, str]:
    directives = headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (directive.partition(" ") for directive in directives)}


@pytest.mark.parametrize(
    "path",
    [
        "/admin/integrations",
        "/admin/integrations/",
        "/admin/integrations/api-keys",
        "/admin/integrations/webhooks/5/deliveries/7",
        "/admin/integrations/webhooks/",
        "/api/v1/admin/integrations",
        "/api/v1/admin/integrations/api-keys/5",
    ],
)
def test_every_console_path_serves_the_page_with_relative_assets(path: str) -> None:
    response = get(path, accept=DOCUMENT)
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "text/html; charset=utf-8"
    assert response["headers"]["cache-control"] == "no-store"
    (base,) = re.findall(r'<base href="([^"]+)"', response["body"])
    console = path[: path.index("/integrations")] + "/integrations/"
    assert urljoin(f"https://example.com{path}", base) == f"https://example.com{console}"
    assert f'src="./assets/{SCRIPT}"' in response["body"]


def test_page_has_no_inline_script_and_a_new_style_nonce_per_response() -> None:
    first, second = get(), get()
    for response in (first, second):
        assert "{{" not in response["body"]
        assert re.findall(r"<script(?![^>]* src=)", response["body"]) == []
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', response["body"]))
        assert len(base64.b64decode(nonce)) == 16
        assert policy(response["headers"])["style-src"] == f"'self' 'nonce-{nonce}'"
    assert first["headers"]["content-security-policy"] != second["headers"]["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/admin/integrations", "/admin/integrations/config.json", f"/admin/integrations/assets/{SCRIPT}"]
)
def test_every_response_has_the_security_headers(path: str) -> None:
    headers = get(path)["headers"]
    allowed = policy(headers)
    assert {name: value for name, value in allowed.items() if name != "style-src"} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src-attr": "'none'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    ("path", "framing"),
    [
        ("/admin/integrations", "https://app.example.com"),
        ("/admin/integrations/webhooks", "https://app.example.com"),
        ("/admin/integrations/authorize", "'none'"),
        ("/admin/integrations/Authorize/", "'none'"),
    ],
)
def test_no_site_may_frame_the_consent_page(path: str, framing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = replace(environment.settings(), console_frame_ancestors="https://app.example.com")
    monkeypatch.setattr(environment, "settings", lambda: chosen)
    assert policy(get(path)["headers"])["frame-ancestors"] == framing


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip, br; q=0.0", "gzip"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_file_is_served_in_the_best_accepted_encoding(accepted: str, coding: str | None) -> None:
    response = get(f"/admin/integrations/assets/{SCRIPT}", accept="*/*", accept_encoding=accepted)
    assert response["statusCode"] == 200
    assert response["headers"].get("content-encoding") == coding
    assert response["headers"]["vary"] == "accept-encoding"
    assert response["headers"]["cache-control"] == "public, max-age=31536000, immutable"
    assert response["headers"]["content-type"] == "text/javascript; charset=utf-8"
    assert response["isBase64Encoded"] is True
    content = base64.b64decode(response["body"])
    compressed = (ASSETS / "assets" / f"{SCRIPT}.gz").read_bytes()
    wanted = {"br": (ASSETS / "assets" / f"{SCRIPT}.br").read_bytes(), "gzip": compressed}
    assert content == wanted.get(coding or "", gzip.decompress(compressed))


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/admin/integrations/assets/index-00000000.js", "*/*"),
        ("/admin/integrations/assets/index-00000000.js", DOCUMENT),
        ("/admin/integrations/assets/../serve_console.py", "*/*"),
        (f"/admin/integrations/assets/{SCRIPT}.br", "*/*"),
        ("/admin/integrations/robots.txt", "*/*"),
        ("/admin/integrations/api-keys", "application/json"),
    ],
)
def test_unknown_file_is_a_404_problem(path: str, accept: str) -> None:
    response = get(path, accept=accept)
    assert response["statusCode"] == 404
    assert json.loads(response["body"])["code"] == "no_such_file"


def test_config_contains_only_public_settings() -> None:
    response = get("/admin/integrations/config.json")
    assert response["headers"]["content-type"] == "application/json"
    assert response["headers"]["cache-control"] == "no-store"
    settings = json.loads(response["body"])
    assert settings == {
        "supabase": None,
        "frameAncestors": [],
        "signInAsUrl": None,
        "keyPrefix": "lh_live_",
        "signatureHeaderPrefix": "X-Latchhook",
        "rotationGraceSeconds": 300,
        "retryScheduleSeconds": [0, 0, 14400],
    }
