"""Reading of a request, and the refusals before any feature runs."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge import cursors
from latchhook.edge.errors import (
    DuplicateMemberError,
    InvalidFieldsError,
    MalformedRequestError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from latchhook.edge.request import MAX_BODY_BYTES, MAX_DEPTH, RawRequest, Request
from latchhook.webhooks.errors import WebhookNotFoundError
from tests.edge.requests import http_event
from tests.samples import ACCOUNT, NOW, api_key, caller

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def _read(body: str | bytes | None, **event: Any) -> Any:
    return RawRequest(http_event(body, **event)).json()


# ---- Bodies ----


@given(JSON, st.booleans(), st.booleans())
def test_body_is_read_plain_and_base64_encoded(document: Any, as_bytes: bool, ascii_: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_)

    assert _read(body.encode() if as_bytes else body) == document


@pytest.mark.parametrize("sent", [b'{"name": "Zo\xeb"}', b'{"name": "Zo\xc3"}', b'{"name": "\xf0\x9f"}'])
def test_body_with_invalid_utf8_is_malformed(sent: bytes) -> None:
    """API Gateway replaces invalid UTF-8 in a JSON body by replacement characters, which makes the body longer."""
    event = http_event(sent.decode("utf-8", "replace"))
    event["headers"]["content-length"] = str(len(sent))

    with pytest.raises(MalformedRequestError):
        RawRequest(event).json()


@pytest.mark.parametrize("sent", ['{"name": "Zo\ufffd"}', '{"name": "Zo\\ufffd"}'])
def test_replacement_character_in_the_original_body_is_read(sent: str) -> None:
    event = http_event(sent)
    event["headers"]["content-length"] = str(len(sent.encode()))

    assert RawRequest(event).json() == {"name": "Zo\ufffd"}


@pytest.mark.parametrize("body", [None, "", " \n", b"", b"  "])
def test_empty_body_is_none_and_needs_no_content_type(body: str | bytes | None) -> None:
    event = http_event(body)
    event["headers"] = {}

    assert RawRequest(event).json() is None


@pytest.mark.parametrize(
    "body",
    ["{", "{]", "nul", "{'a': 1}", "{a:1}", '{"a":1,}', "1 2", '"\x00"', '"a\nb"', "NaN", "Infinity", '{"a":-Infinity}',
     "\ufeff{}", b"\xff\xfe{\x00}\x00", b'"\xe9"', b'"\xed\xa0\x80"', '"\ud800"', "9" * 5000],
    ids=lambda body: repr(body)[:16],
)  # fmt: skip
def test_invalid_json_or_utf8_is_malformed(body: str | bytes) -> None:
    with pytest.raises(MalformedRequestError):
        _read(body)


@pytest.mark.parametrize("body", ["!!!", "e30", "e30=\n", "e3é0"])
def test_invalid_base64_is_malformed(body: str) -> None:
    event = http_event(body) | {"isBase64Encoded": True}

    with pytest.raises(MalformedRequestError):
        RawRequest(event).json()


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1, "a": 2}',
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '{"outer": {"a": null, "b": 0, "a": null}}',
        '[{"a": [{"b": 1, "b": {}}]}]',
        '{"": 1, "": 2}',
    ],
)
def test_duplicate_member_is_malformed_at_any_depth(body: str) -> None:
    with pytest.raises(DuplicateMemberError):
        _read(body)


def test_same_name_in_different_objects_is_no_duplicate() -> None:
    body = '{"a": {"a": [{"a": 1}, {"a": 1}]}, "A": 2, "\u00e9": 3, "e\u0301": 4}'

    assert _read(body) == json.loads(body)


def test_null_body_differs_from_an_empty_body() -> None:
    assert RawRequest(http_event("null")).json(empty={}) is None
    assert RawRequest(http_event(" ")).json(empty={}) == {}


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("filler", ["x", "é"])
def test_body_of_256_kib_is_read_and_one_byte_more_is_refused(filler: str, as_bytes: bool) -> None:
    text = filler * ((MAX_BODY_BYTES - 2) // len(filler.encode()))
    body = f'"{text}"'
    assert len(body.encode()) == 256 * 1024

    assert _read(body.encode() if as_bytes else body) == text
    with pytest.raises(RequestTooLargeError):
        _read(f"{body} ".encode() if as_bytes else f"{body} ")


def test_too_large_body_is_refused_with_any_content() -> None:
    with pytest.raises(RequestTooLargeError):
        _read(b"\xff" * (MAX_BODY_BYTES + 1), headers={"content-type": "image/png"})


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x"]
)
def test_json_media_type_is_accepted(content_type: str) -> None:
    assert _read("{}", headers={"content-type": content_type}) == {}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "application/problem+json"],
)
def test_body_with_another_media_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        _read("{}", headers={"content-type": content_type})


MERGE_PATCHES = ["application/merge-patch+json", "Application/Merge-Patch+JSON; charset=utf-8"]


@pytest.mark.parametrize("content_type", ["application/json", *MERGE_PATCHES])
def test_patch_is_json_or_a_merge_patch(content_type: str) -> None:
    assert _read('{"a":null}', headers={"content-type": content_type}, route="PATCH /things/{id}") == {"a": None}


@pytest.mark.parametrize("content_type", MERGE_PATCHES)
@pytest.mark.parametrize("route", ["POST /things", "PUT /things/{id}", "DELETE /things/{id}", "PATCHES /things"])
def test_merge_patch_is_refused_for_other_methods(route: str, content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        _read("{}", headers={"content-type": content_type}, route=route)


@pytest.mark.parametrize("content_type", ["application/json-patch+json", "application/merge-patch", "text/json"])
def test_patch_with_another_media_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        _read("[]", headers={"content-type": content_type}, route="PATCH /things/{id}")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_limit_of_a_body_is_exact(opening: str, closing: str) -> None:
    _read(opening * MAX_DEPTH + "1" + closing * MAX_DEPTH)

    for depth in (MAX_DEPTH + 1, 500, 900, 1_000, 20_000, 40_000):
        with pytest.raises(MalformedRequestError):
            _read(opening * depth + "1" + closing * depth)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert _read(json.dumps([[]] * 1000)) == [[]] * 1000
    assert _read(json.dumps("[" * 1000)) == "[" * 1000


# ---- Ids and pages ----


def _request(**event: Any) -> Request[None]:
    return Request(RawRequest(http_event(**event)), caller(), None, NOW)


def test_path_id_is_read() -> None:
    the_id = UUID("6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001")

    assert _request(path={"id": str(the_id)}).path_id(WebhookNotFoundError) == the_id


OTHER_SPELLINGS = ["{6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001}", "6d7c0bfe4ac84a518a633c1f6b30a001"]
NO_IDS = ["", "x", "6d7c0bfe", "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a0011", "../etc", "é", "\x00"]


@pytest.mark.parametrize("text", [*NO_IDS, *OTHER_SPELLINGS])
def test_malformed_path_id_is_not_found(text: str) -> None:
    with pytest.raises(WebhookNotFoundError):
        _request(path={"id": text}).path_id(WebhookNotFoundError)


@pytest.mark.parametrize(("query", "limit"), [(None, 50), ({}, 50), ({"limit": "1"}, 1), ({"limit": "100"}, 100)])
def test_page_has_the_requested_or_the_default_limit(query: dict[str, str] | None, limit: int) -> None:
    assert _request(query=query).page("things", default_limit=50) == (limit, None)


@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "101",
        "-1",
        "",
        " 5",
        "5 ",
        "1e1",
        "1.0",
        "ten",
        "٣",
        "²",
        "1_0",
        "0000000100000",
        "9" * 5000,
        "0001" * 2000,
    ],
    ids=lambda limit: limit[:8],
)
def test_limit_outside_its_bounds_is_refused(limit: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _request(query={"limit": limit}).page("things", default_limit=50)

    assert [error.pointer for error in refused.value.errors] == ["?limit"]


def test_cursor_of_the_accounts_own_list_is_read() -> None:
    cursor = cursors.encode(("1", "2"), ACCOUNT, "things")
    assert cursor is not None

    assert _request(query={"cursor": cursor}).page("things", default_limit=50) == (50, ("1", "2"))
    with pytest.raises(InvalidFieldsError):
        _request(query={"cursor": cursor}).page("other things", default_limit=50)


@pytest.mark.parametrize("cursor", ["", "x", "é"])
def test_invalid_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidFieldsError):
        _request(query={"cursor": cursor}).page("things", default_limit=50)


@pytest.mark.parametrize(
    ("query", "value"), [(None, None), ({}, None), ({"search": ""}, ""), ({"search": "a,b"}, "a,b")]
)
def test_query_parameter_is_read_unchanged(query: dict[str, str] | None, value: str | None) -> None:
    assert _request(query=query).query("search") == value


@pytest.mark.parametrize(
    ("query", "days"), [({}, 30), ({"days": "1"}, 1), ({"days": "365"}, 365), ({"days": "007"}, 7)]
)
def test_number_in_a_query_has_a_default(query: dict[str, str], days: int) -> None:
    assert _request(query=query).query_number("days", default=30, most=365) == days


@pytest.mark.parametrize("days", ["0", "366", "", "-1", "1.5", "٣", "0000000007"])
def test_number_in_a_query_outside_its_bounds_is_refused(days: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _request(query={"days": days}).query_number("days", default=30, most=365)

    (error,) = refused.value.errors
    assert (error.pointer, error.detail) == ("?days", "Must be a whole number from 1 to 365.")


def test_origin_is_the_gateways_source_address() -> None:
    request = _request(headers={"x-forwarded-for": "198.51.100.1"})

    assert (request.origin.source_ip, request.origin.request_id, request.origin.at) == ("203.0.113.9", "request-1", NOW)
    assert request.account_id == ACCOUNT


def test_key_of_the_request_is_required_where_only_keys_are_accepted() -> None:
    key = api_key()

    assert Request(RawRequest(http_event()), caller(), None, NOW, key).own_key is key
    with pytest.raises(TypeError):
        _ = _request().own_key


def test_content_is_the_original_body() -> None:
    assert RawRequest(http_event('{"a": 1}')).content() == RawRequest(http_event(b'{"a": 1}')).content() == b'{"a": 1}'
    assert RawRequest(http_event()).content() == b""
    with pytest.raises(RequestTooLargeError):
        RawRequest(http_event("x" * (MAX_BODY_BYTES + 1))).content()
