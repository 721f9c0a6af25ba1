"""The security headers of a page."""

import pytest

from latchhook.edge.page_security import security_headers


def policy(*, connects_to: str = "", frame_ancestors: str = "'none'") -> list[str]:
    headers = security_headers(connects_to=connects_to, frame_ancestors=frame_ancestors, nonce="n")
    return headers["content-security-policy"].split("; ")


def test_page_calls_its_own_origin_and_the_configured_one() -> None:
    assert "connect-src 'self'" in policy()
    assert "connect-src 'self' https://p.supabase.co" in policy(connects_to="https://p.supabase.co")


@pytest.mark.parametrize("sites", ["'none'", "'self'", "'self' https://app.example.com https://*.example.org"])
def test_only_configured_sites_can_embed_the_page(sites: str) -> None:
    assert f"frame-ancestors {sites}" in policy(frame_ancestors=sites)


def test_only_styles_have_a_nonce() -> None:
    assert [each for each in policy() if "nonce" in each] == ["style-src 'self' 'nonce-n'"]
    assert not [each for each in policy() if "unsafe" in each]
