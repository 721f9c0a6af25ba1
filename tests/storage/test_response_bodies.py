"""Stored responses: compressed if that saves space, returned unchanged, and limited per page."""

import json
import zlib
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge.endpoint import ok
from latchhook.edge.responses.webhooks import attempt_response
from latchhook.storage.response_bodies import (
    COMPRESSED_FROM_BYTES,
    MAX_PAGE_BYTES,
    body_attributes,
    fitting,
    kept_body,
)
from latchhook.webhooks.outcome import MAX_BODY_BYTES
from tests.samples import ACCOUNT, NOW, SECOND, attempt, event, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES


def error_page(size: int) -> bytes:
    """Return a web framework's error page: repeating markup around varying names and numbers."""
    rng = Random(7)

    def word() -> str:
        return "".join(rng.choices("etaoinshrdlucmfw_", k=rng.randint(4, 11)))

    frames: list[str] = []
    while sum(len(frame) for frame in frames) < size:
        frames.append(
            f'<li class="frame"><span class="method">{word()}.{word()}</span> in <code class="path">'
            f"/srv/app/releases/20260501/{word()}/{word()}.py</code> line <b>{rng.randint(1, 999)}</b>"
            f'<pre class="source">    {word()} = self.{word()}({word()}, {word()}={rng.randint(0, 10**6)})</pre></li>\n'
        )
    page = "<!DOCTYPE html><html><head><title>500 Internal Server Error</title></head><body><ol>" + "".join(frames)
    return page.encode()[:size]


@given(
    st.binary(max_size=2_000) | st.builds(lambda part, times: part * times, st.binary(max_size=50), st.integers(0, 99))
)
def test_body_is_returned_unchanged_and_never_stored_larger(body: bytes) -> None:
    attributes = body_attributes(body)
    assert kept_body(attributes) == body
    assert sum(map(len, attributes.values())) <= len(body)
    assert len(attributes) == (1 if body else 0)


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        (b"x" * (COMPRESSED_FROM_BYTES - 1), "responseBody"),
        (b"x" * COMPRESSED_FROM_BYTES, "responseBodyZlib"),
        (Random(1).randbytes(COMPRESSED_FROM_BYTES), "responseBody"),
        (Random(1).randbytes(MAX_BODY_BYTES), "responseBody"),
    ],
    ids=["too short to try", "just long enough", "short noise", "longest noise"],
)
def test_body_is_compressed_if_it_is_long_and_becomes_smaller(body: bytes, attribute: str) -> None:
    assert list(body_attributes(body)) == [attribute]


def test_uncompressed_body_of_an_earlier_version_can_be_read(store: Store) -> None:
    page = error_page(MAX_BODY_BYTES)
    store.deliveries.record([attempt(response_body=page)])
    (item,) = store.items(DELIVERIES)
    key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
    store.client.update_item(
        TableName=DELIVERIES,
        Key=key,
        UpdateExpression="SET responseBody = :body REMOVE responseBodyZlib",
        ExpressionAttributeValues={":body": {"B": page}},
    )
    (found,) = store.deliveries.page_of_webhook(ACCOUNT, webhook().id, limit=1, after=None).items
    assert found == attempt(response_body=page)


@pytest.mark.parametrize(
    ("size", "as_it_came", "compressed"), [(24 * 1024, 25, 7), (MAX_BODY_BYTES, 65, 18)], ids=["24 KiB", "64 KiB"]
)
def test_error_page_costs_a_fraction_of_the_write_units(
    store: Store, size: int, as_it_came: int, compressed: int
) -> None:
    page = error_page(size)
    with store.consumed() as told:
        store.deliveries.record([attempt(response_body=page)])
        (item,) = store.client.scan(TableName=DELIVERIES)["Items"]
        assert zlib.decompress(item["responseBodyZlib"]["B"]) == page
        told.clear()
        # DynamoDB Local does not report the consumption of a PartiQL statement, so the test puts the same item
        # separately.
        put = partial(store.client.put_item, TableName=DELIVERIES)
        put(Item={**item, "sk": {"S": "1"}})
        del item["responseBodyZlib"]
        put(Item={**item, "sk": {"S": "2"}, "responseBody": {"B": page}})
    assert [each["Table"]["CapacityUnits"] for each in told] == [compressed, as_it_came]


QUOTES_TWICE = len(r'"\"\""')


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        (b"x" * MAX_BODY_BYTES, MAX_BODY_BYTES),
        (b'"' * MAX_BODY_BYTES, 4 * MAX_BODY_BYTES),
        (b"\n" * MAX_BODY_BYTES, 3 * MAX_BODY_BYTES),
        (b"\x00" * MAX_BODY_BYTES, 7 * MAX_BODY_BYTES),
        ("ä".encode() * (MAX_BODY_BYTES // 2), 3 * MAX_BODY_BYTES),
        (b"\xff" * MAX_BODY_BYTES, 6 * MAX_BODY_BYTES),
    ],
    ids=["text", "quotes", "line ends", "zeros", "umlauts", "no text"],
)
def test_page_contains_all_bodies_that_fit_when_encoded(body: bytes, answered: int) -> None:
    items = [body_attributes(body)] * 100
    most = MAX_PAGE_BYTES // (answered + QUOTES_TWICE)
    assert fitting(items) == fitting(items[:most]) == most


def test_page_contains_at_least_one_body() -> None:
    assert fitting([body_attributes(b"x" * (MAX_PAGE_BYTES + 1))] * 2) == 1
    assert fitting([{}, {}]) == 2
    assert fitting([]) == 0


def test_fifty_error_pages_of_64_kib_fit_on_one_page(store: Store) -> None:
    """The delivery log shows the last 50 attempts."""
    page = error_page(MAX_BODY_BYTES)
    for number in range(50):
        one = task(event(f"evt_{number}", accepted_at=NOW + number * SECOND))
        store.deliveries.record([replace(attempt(response_body=page), task=one)])
    assert len(store.deliveries.page_of_webhook(ACCOUNT, webhook().id, limit=50, after=None).items) == 50


@pytest.mark.parametrize("size", [MAX_BODY_BYTES, MAX_PAGE_BYTES // 7 // 30, 100], ids=str)
def test_page_with_long_headers_fits_into_a_lambda_response(store: Store, size: int) -> None:
    """In nested JSON, each byte of these bodies becomes seven characters, and each byte of these headers four."""
    headers = tuple((f"X-{number}", '"' * 250) for number in range(64))
    for number in range(40):
        one = task(event(f"evt_{number}", accepted_at=NOW + number * SECOND))
        store.deliveries.record([replace(attempt(response_body=b"\x00" * size, response_headers=headers), task=one)])
    page = store.deliveries.page_of_webhook(ACCOUNT, webhook().id, limit=100, after=None)
    response = ok({"data": [attempt_response(each) for each in page.items], "nextCursor": "x" * 100})
    assert len(json.dumps(response.to_lambda(), ensure_ascii=False).encode()) < 6 * 1024 * 1024
    assert page.items[0].response_body == b"\x00" * size
    assert page.after is not None
