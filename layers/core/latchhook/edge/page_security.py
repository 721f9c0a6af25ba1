"""What the console's page may do in a browser, said in headers."""


def security_headers(*, connects_to: str, frame_ancestors: str, nonce: str) -> dict[str, str]:
    """The headers of a page whose scripts are its own files.

    `connects_to` is one origin that the page may call besides its own, or empty; `frame_ancestors` is written as in the
    directive of that name. Styles that components make carry `nonce`; style attributes are refused in markup,
    while scripts may set them (CSP Level 3, 6.6.3: what sets properties is no attribute).
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
