"""The webhook receiver of the demo and the tests."""

import random
from collections.abc import Iterator
from threading import Thread

import pytest
import requests

from local.receiver import Behaviour, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def post(url: str, body: bytes = b"") -> requests.Response:
    return requests.post(url, data=body, headers={"X-Name": "value"}, timeout=120)


def test_request_is_recorded_as_received(receiver: Receiver) -> None:
    post(receiver.url("/orders?page=2"), b"\xff\x00")
    (request,) = receiver.requests()
    assert (request.method, request.path, request.body) == ("POST", "/orders?page=2", b"\xff\x00")
    assert request.headers["x-name"] == "value"
    assert request.status == 200


def test_statuses_are_used_in_turn_and_the_last_is_repeated(receiver: Receiver) -> None:
    receiver.response("/flaky", Behaviour(statuses=[500, 503, 200]))
    assert [post(receiver.url("/flaky")).status_code for _ in range(4)] == [500, 503, 200, 200]
    assert post(receiver.url("/other")).status_code == 200


def test_response_has_the_configured_headers_and_body(receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[429], headers={"Retry-After": "7"}, body=b"slow down"))
    response = post(receiver.url())
    assert (response.headers["Retry-After"], response.content) == ("7", b"slow down")


def test_failures_follow_the_given_random_generator(receiver: Receiver) -> None:
    receiver.response("/", Behaviour(failure_probability=0.5, rng=random.Random(1)))
    statuses = [post(receiver.url()).status_code for _ in range(20)]
    expected = random.Random(1)
    assert statuses == [500 if expected.random() < 0.5 else 200 for _ in range(20)]


def test_wait_ends_when_enough_requests_have_arrived(receiver: Receiver) -> None:
    senders = [Thread(target=post, args=[receiver.url("/a")]) for _ in range(10)]
    for sender in senders:
        sender.start()
    assert len(receiver.wait_for(10, timeout_seconds=120, path="/a")) == 10
    for sender in senders:
        sender.join()


def test_timeout_reports_the_number_of_arrived_requests(receiver: Receiver) -> None:
    post(receiver.url("/a"))
    with pytest.raises(TimeoutError, match="1 of 2 requests"):
        receiver.wait_for(2, timeout_seconds=0.05, path="/a")
