"""Requests that are deliveries of our own webhooks. They are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from latchhook.edge.errors import DeliveryAsRequestError
from latchhook.edge.loops import refuse_delivery, refusing_deliveries
from latchhook.edge.request import RawRequest
from latchhook.webhooks.signatures import signature_headers

PREFIX = "X-Shop"


def event(headers: Mapping[str, str]) -> dict[str, Any]:
    return {"headers": dict(headers), "requestContext": {"requestId": "r1"}, "routeKey": "GET /things"}


def delivery_headers() -> dict[str, str]:
    """Return the signature headers of a delivery, as API Gateway passes them on."""
    headers = signature_headers(
        header_prefix=PREFIX,
        event_name="order.created",
        webhook_uuid="5f0c2a54-8d0e-4b7a-9c3f-2e5d7a91b046",
        delivery_id="del_1",
        body=b"{}",
        secrets=["whsec_c2VjcmV0IG9mIHRoaXJ0eSBjaGFyYWN0ZXJz"],
        now=datetime(2026, 5, 1, tzinfo=UTC),
    )
    return {name.lower(): value for name, value in headers.items()}


def is_refused(headers: Mapping[str, str]) -> bool:
    try:
        refuse_delivery(RawRequest(event(headers)), header_prefix=PREFIX)
    except DeliveryAsRequestError:
        return True
    return False


def test_delivery_is_refused() -> None:
    assert is_refused(delivery_headers())


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-id": "del_1", "webhook-signature": "v1,x"},
        {"webhook-id": "", "webhook-signature": ""},
        {"x-shop-webhook-id": "5f0c2a54-8d0e-4b7a-9c3f-2e5d7a91b046"},
        {"x-shop-webhook-id": ""},
    ],
    ids=str,
)
def test_either_header_family_is_recognized(headers: dict[str, str]) -> None:
    assert is_refused(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "a"},
        {"webhook-signature": "v1,x"},
        {"x-other-webhook-id": "a"},
        {"x-shop-event": "a"},
        {"x-shop-signature": "sha256=00"},
    ],
    ids=str,
)
def test_other_requests_are_not_refused(headers: dict[str, str]) -> None:
    assert not is_refused(headers)


def test_route_without_authentication_refuses_deliveries() -> None:
    def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:
        """Return a response."""
        return {"statusCode": 200}

    guarded = refusing_deliveries(handler, header_prefix=PREFIX)

    assert guarded(event({}), None) == {"statusCode": 200}
    assert guarded(event(delivery_headers()), None)["statusCode"] == 403
    assert guarded.__doc__ == "Return a response."
