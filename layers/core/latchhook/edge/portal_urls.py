"""URLs of portal sessions: the console's address with a code, and the check of the return URL."""

from urllib.parse import urlsplit

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import RawRequest

_PATH = "/portal-sessions"


def portal_url(request: RawRequest, code: str, *, console_url: str) -> str:
    """Return the console's address with the code in the fragment, which browsers do not send. No log contains it.

    `console_url` is the console's configured address. If it is empty, the console has the request's host.
    """
    if not console_url:
        scheme = request.header("x-forwarded-proto") or "https"
        host = request.header("host") or request.domain_name
        console_url = f"{scheme}://{host}{request.path.partition(_PATH)[0]}/admin/integrations"
    return f"{console_url}#portal_code={code}"


def origins(frame_ancestors: str) -> list[str]:
    """Return the origins in a value of the directive `frame-ancestors`, without wildcards."""
    return [each for each in frame_ancestors.split() if "://" in each and "*" not in each]


def checked_return_url(text: str | None, frame_ancestors: str) -> str | None:
    """Return the URL. Raises `InvalidFieldsError` for another origin than those that may frame the console."""
    if text is None:
        return None
    try:
        url = urlsplit(text)
        origin = f"{url.scheme}://{url.netloc}".lower()
    except ValueError:
        origin = ""
    if not text.isprintable() or " " in text or origin not in [each.lower() for each in origins(frame_ancestors)]:
        detail = "Must be a URL whose origin the stack's parameter ConsoleFrameAncestors contains."
        raise InvalidFieldsError([FieldError("/returnUrl", detail)])
    return text
