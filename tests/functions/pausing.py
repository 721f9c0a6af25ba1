"""Paused webhooks and parked deliveries, for tests of drains."""

from collections.abc import Mapping
from typing import Any

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.template_tables import DELIVERIES


def set_status(webhook: Mapping[str, Any], status: str, account_id: str = ACCOUNT) -> None:
    """Pause, resume or disable a webhook."""
    response = call("update_webhook", admin(account_id), object_id=webhook["id"], body={"status": status})
    assert (response.status, response.body["status"]) == (200, status)


def paused(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """Create a paused webhook with parked deliveries."""
    webhook = made_webhook(receiver.url("/"), account_id)
    set_status(webhook, "paused", account_id)
    for number in range(events):
        published(account_id, id=f"evt-{account_id}-{number}")
    cloud.run_event_path()
    return webhook


def parked(cloud: Cloud, reason: str = "DRAIN") -> list[str]:
    """Return the event ids of the deliveries that wait for a drain, or of those parked as `DISABLED`, oldest first."""
    found = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("PARKED#")]
    found = [item for item in found if item["sk"].startswith(reason)]
    return [str(item["eventId"]) for item in sorted(found, key=lambda item: str(item["sk"]))]
