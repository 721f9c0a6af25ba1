"""GET /integration/webhook-deliveries."""

from datetime import datetime

from local.receiver import Behaviour, Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import RETRY_QUEUE
from tests.template_tables import DELIVERIES


def test_every_attempt_is_listed_newest_first(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/flaky", Behaviour(statuses=[500, 200]))
    made_webhook(receiver.url("/flaky"))
    published(event="item.sold", externalId="ERP_PART_12345")
    cloud.run_event_path()
    cloud.drain(RETRY_QUEUE, "retry_webhook")
    response = call("list_integration_deliveries", admin())
    assert response.status == 200
    assert list(response.body) == ["deliveries"]
    second, first = response.body["deliveries"]
    assert first == {
        "id": first["id"],
        "externalId": "ERP_PART_12345",
        "eventType": "item.sold",
        "status": "failed",
        "errorMessage": f"HTTP 500 from {receiver.url('/flaky')}",
        "createdAt": first["createdAt"],
    }
    assert (second["status"], second["errorMessage"]) == ("success", None)
    assert second["id"] != first["id"]
    assert datetime.fromisoformat(second["createdAt"]) >= datetime.fromisoformat(first["createdAt"])


def test_the_100_newest_attempts_of_the_account_are_listed(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"))
    made_webhook(receiver.url("/"), account_id=OTHER_ACCOUNT)
    published(OTHER_ACCOUNT, externalId="theirs")
    for number in range(101):
        published(externalId=f"part-{number}")
    cloud.run_event_path()
    # Attempts of a batch run at the same time. The list is ordered by their times.
    at = {item.get("externalId"): item["attemptedAt"] for item in cloud.items(DELIVERIES) if "attemptedAt" in item}
    shown = [each["externalId"] for each in call("list_integration_deliveries", admin()).body["deliveries"]]
    assert len(shown) == len(set(shown)) == 100
    assert "theirs" not in shown
    assert [at[name] for name in shown] == sorted((at[name] for name in shown), reverse=True)


def test_list_without_deliveries_is_empty() -> None:
    assert call("list_integration_deliveries", admin()).body == {"deliveries": []}
