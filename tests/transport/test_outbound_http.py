"""Sending to well-behaved receivers: the sent bytes, the reported outcome, the used connections."""

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from urllib3.util import SKIP_HEADER

from latchhook.transport.guarded_socket import GuardedSocket
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.outcome import HttpOutcome
from tests.transport.conftest import FakeNames, MakeClient
from tests.transport.raw_receiver import OK, Conversation, RawReceiver, always_say, say_and_close


def _post(client: OutboundHttp, url: str, body: bytes = b"{}") -> HttpOutcome:
    return client.post(url, headers={"Content-Type": "application/json"}, body=body)


def test_body_headers_and_host_are_sent_unchanged(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    with RawReceiver(always_say(OK, requests)) as receiver:
        body = '{"b": "ä", "a":1}'.encode()
        client.post(receiver.url("receiver.example", path="/a/b?c=d"), headers={"webhook-id": "msg_1"}, body=body)
    head, _, received = requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a/b?c=d HTTP/1.1"
    assert b"Host: receiver.example:%d" % receiver.port in lines
    assert b"webhook-id: msg_1" in lines
    assert b"Accept-Encoding: identity" in lines
    assert received == body


def test_head_and_body_are_sent_in_one_write(client: OutboundHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    send = GuardedSocket.send

    def noted(self: GuardedSocket, data: bytes, flags: int = 0) -> int:
        written.append(bytes(data))
        return send(self, data, flags)

    monkeypatch.setattr(GuardedSocket, "send", noted)
    with RawReceiver(always_say(OK)) as receiver:
        for body in (b"{}", b""):
            client.post(receiver.url("receiver.example"), headers={}, body=body)
    assert [each.partition(b"\r\n\r\n")[2] for each in written] == [b"{}", b""]


def test_header_value_with_a_meaning_for_urllib3_is_sent_unchanged(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    headers = {"X-Shop": SKIP_HEADER, "User-Agent": SKIP_HEADER}
    with RawReceiver(always_say(OK, requests)) as receiver:
        outcome = client.post(receiver.url("receiver.example"), headers=headers, body=b"{}")
    assert outcome.status == 200
    assert b"\r\nX-Shop: %b\r\n" % SKIP_HEADER.encode() in requests[0]
    assert b"\r\nUser-Agent: %b\r\n" % SKIP_HEADER.encode() in requests[0]


def test_only_host_length_and_coding_are_added_to_a_request(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    ours = {"Content-Type": "application/json", "User-Agent": "Latchhook/1.0"}
    with RawReceiver(always_say(OK, requests)) as receiver:
        outcome = client.post(receiver.url("receiver.example"), headers={**ours, "X-Shop": "a"}, body=b"{}")
    sent = requests[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    added = {"Host": f"receiver.example:{receiver.port}", "Accept-Encoding": "identity", "Content-Length": "2"}
    assert dict(outcome.added_headers) == added
    assert sent == [f"{name}: {value}" for name, value in {**added, **ours, "X-Shop": "a"}.items()]


def test_given_header_is_not_added_again(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    with RawReceiver(always_say(OK, requests)) as receiver:
        outcome = client.post(receiver.url("receiver.example"), headers={"accept-encoding": "gzip"}, body=b"{}")
    assert outcome.added_headers.keys() == {"Host", "Content-Length"}
    assert requests[0].lower().count(b"accept-encoding:") == 1


def test_added_headers_are_reported_even_if_sending_fails(client: OutboundHttp) -> None:
    outcome = client.post("https://nobody.example:444/x", headers={}, body=b"12345")
    assert outcome.status is None
    assert outcome.added_headers == {
        "Host": "nobody.example:444",
        "Accept-Encoding": "identity",
        "Content-Length": "5",
    }


def test_response_is_reported_with_status_headers_body_and_address(client: OutboundHttp) -> None:
    response = b"HTTP/1.1 422 No\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\nno!"
    with RawReceiver(always_say(response)) as receiver:
        outcome = _post(client, receiver.url("receiver.example"))
    assert outcome.status == 422
    assert outcome.headers == (("X-A", "1"), ("X-A", "2"), ("Content-Length", "3"))
    assert (outcome.body, outcome.body_truncated, outcome.error) == (b"no!", False, None)
    assert outcome.remote_address == "127.0.0.1"


def test_timings_cover_the_parts_of_a_first_call(client: OutboundHttp) -> None:
    with RawReceiver(always_say(OK)) as receiver:
        timings = _post(client, receiver.url("receiver.example")).timings
    assert timings.dns is not None
    assert timings.connect is not None
    assert timings.tls is None
    assert timings.first_byte is not None
    assert timings.total is not None
    assert timings.total >= timings.dns + timings.connect + timings.first_byte


def test_second_call_uses_the_open_connection(client: OutboundHttp, names: FakeNames) -> None:
    with RawReceiver(always_say(OK)) as receiver:
        url = receiver.url("receiver.example")
        outcomes = [_post(client, url) for _ in range(3)]
        assert receiver.connections == 1
    assert [outcome.status for outcome in outcomes] == [200, 200, 200]
    assert names.lookups == ["receiver.example"]
    assert outcomes[2].timings.dns is None
    assert outcomes[2].timings.connect is None
    assert outcomes[2].remote_address == "127.0.0.1"


def test_other_ports_and_names_do_not_share_a_connection(client: OutboundHttp, names: FakeNames) -> None:
    names.response("other.example", ["127.0.0.1"])
    with RawReceiver(always_say(OK)) as receiver:
        _post(client, receiver.url("receiver.example"))
        _post(client, receiver.url("other.example"))
        assert receiver.connections == 2


def test_closed_connection_is_not_used_again(client: OutboundHttp) -> None:
    closed = threading.Semaphore(0)

    def behaviour(conversation: Conversation) -> None:
        say_and_close(OK)(conversation)
        conversation.sock.close()
        closed.release()

    with RawReceiver(behaviour) as receiver:
        for _ in range(3):
            assert _post(client, receiver.url()).status == 200
            assert closed.acquire(timeout=120)
        assert receiver.connections == 3


def test_connection_announced_as_closing_is_not_used_again(client: OutboundHttp) -> None:
    response = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with RawReceiver(always_say(response)) as receiver:
        for _ in range(3):
            assert _post(client, receiver.url()).status == 200
        assert receiver.connections == 3


class _ClockThatActs:
    """A monotonic clock that runs a function of the test at a given reading."""

    def __init__(self) -> None:
        self._acts: dict[int, Callable[[], None]] = {}
        self._readings = 0

    def act_at_reading(self, number: int, act: Callable[[], None]) -> None:
        self._acts[self._readings + number] = act

    def __call__(self) -> float:
        self._readings += 1
        self._acts.pop(self._readings, lambda: None)()
        return 0.0


def test_close_before_sending_reconnects_within_the_same_attempt(
    make_client: MakeClient,
) -> None:
    closing, closed = threading.Event(), threading.Event()
    requests: list[bytes] = []

    def behaviour(conversation: Conversation) -> None:
        request = conversation.read_request()
        requests.append(request or b"")
        conversation.say(OK)
        closing.wait(120)
        conversation.reset()
        closed.set()

    clock = _ClockThatActs()
    client = make_client(monotonic=clock)
    with RawReceiver(behaviour) as receiver:
        _post(client, receiver.url())

        def close_now() -> None:
            closing.set()
            closed.wait(120)

        # Reading 1 starts the call. Reading 2 is the deadline check of the first write, after the check that the
        # connection
        # is open.
        clock.act_at_reading(2, close_now)
        assert _post(client, receiver.url()).status == 200
        assert len(requests) == receiver.connections == 2


def test_close_after_sending_is_a_failed_attempt(client: OutboundHttp) -> None:
    requests: list[bytes] = []

    def behaviour(conversation: Conversation) -> None:
        for _ in range(2):
            requests.append(conversation.read_request() or b"")
            if len(requests) == 1:
                conversation.say(OK)

    with RawReceiver(behaviour) as receiver:
        assert _post(client, receiver.url()).status == 200
        outcome = _post(client, receiver.url())
        assert outcome.status is None
        assert outcome.error == f"The connection was closed without a response at {receiver.url()}"
        assert len(requests) == 2
        assert receiver.connections == 1


def test_connection_that_idled_too_long_is_closed(make_client: MakeClient) -> None:
    now = [1000.0]
    client = make_client(wall_clock=lambda: now[0])
    with RawReceiver(always_say(OK)) as receiver:
        for pause, connections in ((3.9, 1), (3.9, 1), (4.1, 2), (-60.0, 3)):
            _post(client, receiver.url())
            now[0] += pause
            _post(client, receiver.url())
            assert receiver.connections == connections


def test_each_request_on_a_kept_connection_has_its_own_deadline(make_client: MakeClient) -> None:
    now = [1000.0]
    client = make_client(timeout_seconds=15, monotonic=lambda: now[0])
    with RawReceiver(always_say(OK)) as receiver:
        for _ in range(3):
            assert _post(client, receiver.url()).status == 200
            now[0] += 20
        assert receiver.connections == 1


def test_number_of_open_connections_is_limited(make_client: MakeClient, names: FakeNames) -> None:
    client = make_client(max_connections=2)
    ended = threading.Semaphore(0)

    def behaviour(conversation: Conversation) -> None:
        always_say(OK)(conversation)
        ended.release()

    with RawReceiver(behaviour) as receiver:
        for number in range(4):
            names.response(f"r{number}.example", ["127.0.0.1"])
            _post(client, receiver.url(f"r{number}.example"))
        assert all(ended.acquire(timeout=120) for _ in range(2))
        _post(client, receiver.url("r3.example"))
        _post(client, receiver.url("r2.example"))
        assert receiver.connections == 4


def test_thirty_two_threads_share_a_client_and_its_connections(client: OutboundHttp) -> None:
    statuses: list[int | None] = []
    with RawReceiver(always_say(OK)) as receiver:
        url = receiver.url()

        def work() -> None:
            statuses.extend(_post(client, url).status for _ in range(20))

        threads = [threading.Thread(target=work) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 640
        assert receiver.connections <= 32


def test_next_address_is_tried_if_the_first_refuses(client: OutboundHttp, names: FakeNames) -> None:
    names.response("two.example", ["127.0.0.2", "127.0.0.1"])
    with RawReceiver(always_say(OK)) as receiver:
        outcome = _post(client, receiver.url("two.example"))
    assert outcome.status == 200
    assert outcome.remote_address == "127.0.0.1"


def test_unresponsive_address_leaves_time_for_the_next(make_client: MakeClient, names: FakeNames) -> None:
    names.response("two.example", ["127.0.0.2", "127.0.0.1"])
    with RawReceiver(always_say(OK)) as receiver, ExitStack() as full:
        address = ("127.0.0.2", receiver.port)
        full.enter_context(socket.create_server(address, backlog=0))
        for _ in range(3):  # fills the listener's queue, so that it ignores further connections
            filler = full.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        outcome = _post(make_client(timeout_seconds=4), receiver.url("two.example"))
    assert (outcome.status, outcome.remote_address) == (200, "127.0.0.1")


def test_response_before_the_end_of_the_request_is_read(client: OutboundHttp) -> None:
    def behaviour(conversation: Conversation) -> None:
        conversation.sock.recv(1024)
        conversation.say(b"HTTP/1.1 413 Too big\r\nContent-Length: 0\r\n\r\n")

    with RawReceiver(behaviour) as receiver:
        outcome = _post(client, receiver.url(), body=b"x" * 20_000_000)
    assert outcome.status == 413


def test_unsendable_header_is_an_error_of_the_caller(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    with RawReceiver(always_say(OK, requests)) as receiver:
        for value in ("a\r\nX-Injected: 1", "\u20ac"):
            with pytest.raises(ValueError, match=r"header|codec"):
                client.post(receiver.url(), headers={"X-Custom": value}, body=b"{}")
        assert _post(client, receiver.url()).status == 200
    assert len(requests) == 1
