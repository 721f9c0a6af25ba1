"""Query parameters of a request."""

import pytest

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.query import MAX_FINDINGS, check_query
from latchhook.edge.request import RawRequest

KNOWN = {"status": False, "limit": False, "keyIds": True}


def _request(text: str) -> RawRequest:
    return RawRequest({"rawQueryString": text})


@pytest.mark.parametrize(
    "text", ["", "status=active", "status=&limit=5", "st%61tus=active", "keyIds=a&keyIds=b,c", "&status=active&"]
)
def test_declared_parameters_are_accepted(text: str) -> None:
    check_query(_request(text), KNOWN)


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("stauts=revoked", ["?stauts"]),
        ("status=active&Status=active", ["?Status"]),
        ("status", []),
        ("x", ["?x"]),
        ("=x", ["?"]),
        ("a=1&b=2&a=3", ["?a", "?b"]),
        ("status=a&status=a", ["?status"]),
        ("limit=1&l%69mit=2", ["?limit"]),
        ("status[]=active", ["?status[]"]),
        ("caf%C3%A9=1", ["?caf\u00e9"]),
        ("%ff=1", ["?\ufffd"]),
    ],
)
def test_unknown_and_repeated_parameters_are_refused(text: str, pointers: list[str]) -> None:
    found: list[str] = []
    try:
        check_query(_request(text), KNOWN)
    except InvalidFieldsError as error:
        found = [each.pointer for each in error.errors]
    assert found == pointers


def test_number_of_findings_is_limited() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        check_query(_request("&".join(f"p{number}=" for number in range(3_000))), KNOWN)
    assert len(refused.value.errors) == MAX_FINDINGS


def test_parameters_are_checked_without_the_raw_query() -> None:
    with pytest.raises(InvalidFieldsError):
        check_query(RawRequest({"queryStringParameters": {"stauts": "revoked"}}), KNOWN)
