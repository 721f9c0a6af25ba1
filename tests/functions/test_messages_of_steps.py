"""What the workers of steps do with messages that are none, whatever the steps are of."""

import json

import pytest

from tests.functions.calls import invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record

each_worker = pytest.mark.parametrize("worker", ["recover_deliveries", "release_backlog"])


@each_worker
def test_own_event_is_of_what_never_began(worker: str, cloud: Cloud) -> None:
    before = cloud.contents()
    assert failed_ids(invoke(worker, own_event(worker))) == []
    assert cloud.contents() == before


@each_worker
@pytest.mark.parametrize("body", ["{", "{}", "[]", '{"accountId": 7}', json.dumps({"accountId": "a"})])
def test_message_that_is_no_step_goes_back_alone(worker: str, body: str) -> None:
    good = own_event(worker)["Records"][0]
    batch = {"Records": [record(worker, body, messageId="bad"), good]}
    assert failed_ids(invoke(worker, batch)) == ["bad"]


@each_worker
def test_empty_batch_is_nothing_to_do(worker: str) -> None:
    assert invoke(worker, {"Records": []}) == {"batchItemFailures": []}
