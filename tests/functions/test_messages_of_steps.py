"""Messages of the workers that run recoveries and release backlogs in steps."""

import json

import pytest

from tests.functions.calls import invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record

each_worker = pytest.mark.parametrize("worker", ["recover_deliveries", "release_backlog"])


@each_worker
def test_step_of_an_unknown_job_does_nothing(worker: str, cloud: Cloud) -> None:
    before = cloud.contents()
    assert failed_ids(invoke(worker, own_event(worker))) == []
    assert cloud.contents() == before


@each_worker
@pytest.mark.parametrize("body", ["{", "{}", "[]", '{"accountId": 7}', json.dumps({"accountId": "a"})])
def test_malformed_message_is_returned_alone(worker: str, body: str) -> None:
    good = own_event(worker)["Records"][0]
    batch = {"Records": [record(worker, body, messageId="bad"), good]}
    assert failed_ids(invoke(worker, batch)) == ["bad"]


@each_worker
def test_empty_batch_returns_no_failures(worker: str) -> None:
    assert invoke(worker, {"Records": []}) == {"batchItemFailures": []}
