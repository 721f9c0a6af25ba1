"""The measuring process of worker: sends the same POSTs round by round, with the delivery worker or with `requests`.

The bare runtime runs `worker_rounds.py worker`, which delivers through the worker's own handler. The development
environment runs `worker_rounds.py requests`. The first line of standard input describes the request. Each further line
is a number of batches to send, and the process answers with the seconds of that round.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BATCH = 10
ENTITY = {"number": 1001, "state": "paid", "note": "x" * 850}
"""Makes the body one kilobyte long."""


def worker(url: str) -> Callable[[], None]:
    """Prepare ten accounts, each with a webhook and an event. Return a function that delivers all ten in one batch."""
    from workers.deliver_webhook import handler

    batch = {"Records": [_record(number, url) for number in range(BATCH)]}

    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 30_000

    def deliver() -> None:
        assert handler(batch, Context()) == {"batchItemFailures": []}

    return deliver


def _record(number: int, url: str) -> Mapping[str, Any]:
    """Put a webhook and an event into the tables, and return the queue record of their delivery task."""
    from latchhook import aws
    from latchhook.bootstrap import environment
    from latchhook.bootstrap.deliveries import deliveries_table
    from latchhook.bootstrap.webhooks import secret_vault
    from latchhook.storage.webhook_items import webhook_item
    from latchhook.transport.task_queues import task_to_json
    from latchhook.webhooks.delivery import DeliveryTask, delivery_id
    from latchhook.webhooks.event import Event, event_body
    from latchhook.webhooks.secrets import generate_secret
    from latchhook.webhooks.webhook import ALL_EVENTS, Webhook, default_webhook_id

    account_id = f"6f1c2a54-8d0e-4b7a-9c3f-{number:012}"
    webhook_id = default_webhook_id(account_id)
    event_id, name, now = f"order-{number}", "order.created", environment.clock()
    webhook = Webhook(
        id=webhook_id,
        account_id=account_id,
        url=url,
        events=ALL_EVENTS,
        description="Orders to the warehouse",
        status="active",
        secrets=(secret_vault().seal(account_id, webhook_id, generate_secret(environment.rng())),),
        created_at=now,
        updated_at=now,
    )
    aws.dynamodb().put_item(TableName=environment.settings().settings_table, Item=webhook_item(webhook))
    body = event_body(event_id=event_id, name=name, account_id=account_id, entity=ENTITY, occurred_at=now)
    deliveries_table().record_once(Event(event_id, account_id, name, None, now, body), receipt="receipt")
    task = DeliveryTask(
        account_id=account_id,
        webhook_id=webhook_id,
        event_id=event_id,
        delivery_id=delivery_id(account_id=account_id, event_id=event_id, webhook_id=webhook_id, accepted_at=now),
        attempt=1,
    )
    return {"messageId": str(number), "body": task_to_json(task)}


def bare_requests(url: str, headers: Mapping[str, str], body: str) -> Callable[[], None]:
    """Return a function that sends as many POSTs as the worker sends in a batch."""
    import requests

    session = requests.Session()
    content = body.encode("latin-1")

    def post() -> None:
        for _ in range(BATCH):
            assert session.post(url, headers=headers, data=content, timeout=15).status_code == 200

    return post


def main() -> None:
    """Measure one round for each line of standard input, which is its number of batches."""
    # The log is still written, so that its cost counts.
    results, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115  # until the process ends
    task = json.loads(sys.stdin.readline())
    send = worker(**task) if sys.argv[1] == "worker" else bare_requests(**task)
    for line in sys.stdin:
        batches = int(line)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(batches):
            send()
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(took), file=results, flush=True)


if __name__ == "__main__":
    main()
