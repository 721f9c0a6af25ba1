"""The query of an authorization request."""

from urllib.parse import parse_qs

from latchhook.oauth.protocol import Parameters

MAX_LENGTH = 8_192
MAX_PARAMETERS = 50


def read_query(text: str) -> Parameters:
    """Return the parameters of a query. A parameter without a value is treated as missing (RFC 6749, 3.1).

    Raises `ValueError` for a query that is too long, is not UTF-8, or has more than 50 parameters.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError("the query is too long")
    return parse_qs(text, errors="strict", max_num_fields=MAX_PARAMETERS)
