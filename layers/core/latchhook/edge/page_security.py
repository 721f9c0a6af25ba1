"""Security headers of the console's page."""


def security_headers(*, connects_to: str, frame_ancestors: str, nonce: str) -> dict[str, str]:
    """Return the headers of a page whose scripts are files of its own origin.

    `connects_to` is another origin that the page can call, or empty. `frame_ancestors` is the value of the directive
    with this name. Style elements created by components need `nonce`. Style attributes in markup are blocked, but
    scripts can set style properties (CSP Level 3, 6.6.3).
    """
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "style-src-attr": "'none'",
        "img-src": "'self'",
        "connect-src": f"'self' {connects_to}".rstrip(),
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": frame_ancestors,
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in directives.items()),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
