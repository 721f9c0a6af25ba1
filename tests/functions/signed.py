"""The product's own signature of a received request, computed as the documentation tells receivers to."""

import hashlib
import hmac

from local.receiver import ReceivedRequest


def signed_by(request: ReceivedRequest, secret: str, prefix: str = "x-latchhook") -> bool:
    """Return whether `<prefix>-Signature` is `sha256=` and the hex HMAC of the raw body under `secret`."""
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    return request.headers[f"{prefix}-signature"] == expected
