"""Broken and hostile receivers: each gives a value, and the client keeps working."""

import gzip
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest

from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.outcome import HttpOutcome
from tests.transport.conftest import SHORT_SECONDS, FakeNames, MakeClient
from tests.transport.raw_receiver import (
    OK,
    Conversation,
    RawReceiver,
    always_say,
    say_and_close,
    say_nothing,
)

LIMIT = 64 * 1024


def _post(client: OutboundHttp, url: str, body: bytes = b"{}") -> HttpOutcome:
    return client.post(url, headers={}, body=body)


def test_received_part_of_an_interrupted_body_is_kept(client: OutboundHttp) -> None:
    with RawReceiver(say_and_close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.body) == (200, b"half")
    assert outcome.error == f"The connection was closed before the response ended at {receiver.url()}"


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "an empty status line": b"\r\n\r\n",
    "half a status line": b"HTTP/1.1",
    "no number as status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "binary": bytes(range(256)) * 40,
    "HTTP/0.9": b"<html>thanks</html>",
    "HTTP/2 over plain text": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "300 KiB of headers": b"HTTP/1.1 200 OK\r\n" + (b"X-A: " + b"a" * 10_000 + b"\r\n") * 30 + b"\r\n",
    "a bad chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    "a cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "an endless chunk extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 1_000_000,
    "endless trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: 1\r\n" * 200_000,
    "endless interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
}


@pytest.mark.parametrize("response", BROKEN.values(), ids=BROKEN.keys())
def test_broken_response_is_a_value_and_harms_no_later_call(client: OutboundHttp, response: bytes) -> None:
    def behaviour(conversation: Conversation) -> None:
        (say_and_close(response) if conversation.number == 0 else always_say(OK))(conversation)

    with RawReceiver(behaviour) as receiver:
        outcome = _post(client, receiver.url())
        assert outcome.error
        assert receiver.url() in outcome.error
        for _ in range(2):
            assert _post(client, receiver.url()).body == b"ok"


LENGTH = b"Content-Length: 2\r\n"
MALFORMED: dict[str, bytes] = {
    "a space before the colon": b"X-FRAME-OPTIONS : SAMEORIGIN\r\n",
    "a tab before the colon": b"X-A\t: 1\r\n",
    "no colon": b"this is no header\r\n",
    "no name": b": 1\r\n",
    "a space in the name": b"X A: 1\r\n",
    "NUL in the name": b"X\0A: 1\r\n",
    "NUL in the value": b"X-A: 1\0\0\r\n",
    "controls in the value": b"X-A: \x01\x1b[31m\x7f\r\n",
    "a bare CR": b"X-A: 1\r2\r\n",
    "a bare LF": b"X-A: 1\n",
    "bytes that are no ASCII": "X-Ä: ü\r\n".encode(),
    "a folded line": b"X-A: 1\r\n  2\r\n\t3\r\n",
    "a folded line after a malformed line": b"nothing\r\n  2\r\n",
    "a line that begins with a space": b" X-A: 1\r\n",
    "a status line again": b"HTTP/1.1 200 OK\r\n",
    "a header of 100 KiB": b"X-A: " + b"a" * 100_000 + b"\r\n",
    "a name of 100 KiB": b"X" * 100_000 + b": a\r\n",
    "1,000 headers": b"X-A: 1\r\n" * 1_000,
    "20,000 malformed lines": b"x\r\n" * 20_000,
    "20,000 folded lines": b"X-A: 1\r\n" + b" 2\r\n" * 20_000,
    "a parameter without an end": b'Content-Type: multipart/mixed; boundary="\r\n',
    "the same length twice": LENGTH,
    "the same length in a list": b"Content-Length: 2, 2\r\n",
    "a negative length": b"Content-Length: -1\r\n",
    "a length that is no number": b"Content-Length: two\r\n",
    "a length of 5,000 digits": b"Content-Length: " + b"9" * 5_000 + b"\r\n",
}


@pytest.mark.parametrize("lines", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_header_leaves_other_headers_intact(client: OutboundHttp, lines: bytes) -> None:
    """The receiver keeps the connection open, so that a response without its length would end at the deadline."""
    response = b"HTTP/1.1 200 OK\r\nX-Before: a\r\n%b%b%bX-After: b\r\n\r\nok"
    for before, after in ((lines, b""), (b"", lines)):
        with RawReceiver(always_say(response % (before, LENGTH, after))) as receiver:
            outcome = _post(client, receiver.url())
        assert (outcome.status, outcome.body, outcome.error) == (200, b"ok", None)
        assert outcome.headers[0][0] == "X-Before"
        assert len(outcome.headers) == 64 or outcome.headers[-1] == ("X-After", "b")


def test_space_before_the_colon_is_not_part_of_the_name(client: OutboundHttp) -> None:
    response = b"HTTP/1.1 200 OK\r\nX-FRAME-OPTIONS : SAMEORIGIN\r\nContent-Length : 2\r\nX-A: 1\r\n 2\r\n\r\nok"
    with RawReceiver(always_say(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert outcome.headers == (("X-FRAME-OPTIONS", "SAMEORIGIN"), ("Content-Length", "2"), ("X-A", "1 2"))


CONTRADICTIONS: dict[str, bytes] = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nok--",
    "two lengths in a list": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 4\r\n\r\nok--",
    "chunks and a length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    ),
    "a length that is also no number": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\nContent-Length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("response", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_contradictory_length_closes_the_connection_only(client: OutboundHttp, response: bytes) -> None:
    with RawReceiver(always_say(response)) as receiver:
        outcomes = [_post(client, receiver.url()) for _ in range(2)]
        assert receiver.connections == 2
    assert [(each.status, each.body, each.error) for each in outcomes] == [(200, b"ok", None)] * 2


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 102 Processing\r\nbroken\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX-Trailer : 1\r\n\r\n",
    ],
)
def test_unusual_response_is_read(client: OutboundHttp, response: bytes) -> None:
    with RawReceiver(say_and_close(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.body, outcome.error) == (200, b"ok", None)


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhalf",
    ],
    ids=["in the headers", "in the body", "between chunks", "before the end"],
)
def test_stalled_response_keeps_its_status(make_client: MakeClient, response: bytes) -> None:
    client = make_client(timeout_seconds=SHORT_SECONDS)
    with RawReceiver(always_say(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.body) == (200, b"half" if b"half" in response else b"")
    assert outcome.headers[:1] == (() if response.endswith(b"1\r\n") else (("X-A", "1"),))
    assert outcome.error == f"Timed out after {SHORT_SECONDS:g} s at {receiver.url()}"


def test_reported_headers_have_limited_characters(client: OutboundHttp) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%b\r\nok" % ((b"X-A: " + b"a" * 5_000 + b"\r\n") * 20)
    with RawReceiver(always_say(response)) as receiver:
        headers = _post(client, receiver.url()).headers
    assert len(headers) == 4


WORDS: dict[str, str] = {
    "nothing": "The connection was closed without a response at {url}",
    "an empty status line": "The response from {url} is not valid HTTP",
    "another protocol": "The response from {url} is not valid HTTP",
    "300 KiB of headers": "The response from {url} is too long: more than 256 KiB of headers",
    "a cut chunk": "The connection was closed before the response ended at {url}",
    "endless trailers": "The response from {url} is too long: more than 512 KiB",
}


@pytest.mark.parametrize(("kind", "words"), WORDS.items())
def test_broken_response_is_explained(client: OutboundHttp, kind: str, words: str) -> None:
    with RawReceiver(say_and_close(BROKEN[kind])) as receiver:
        assert _post(client, receiver.url()).error == words.format(url=receiver.url())


def test_endless_header_ends_with_a_value(client: OutboundHttp) -> None:
    def behaviour(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(b"HTTP/1.1 200 OK\r\nX-A: ")
        while True:
            conversation.say(b"a" * 65536)

    with RawReceiver(behaviour) as receiver:
        words = f"The response from {receiver.url()} is too long: more than 256 KiB of headers"
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.error) == (200, words)


def test_headers_that_the_standard_library_parses_slowly_are_read(client: OutboundHttp) -> None:
    # Python's email package takes quadratic time for such a header.
    lines = b"\r\n ".join(b'\\";' * 1600 for _ in range(50))
    slow = b'HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; x="%b\r\nContent-Length: 2\r\n\r\nok'
    with RawReceiver(say_and_close(slow % lines)) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.body, outcome.error) == (200, b"ok", None)


def test_body_received_with_the_headers_is_not_counted_as_head(client: OutboundHttp) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\nX-A: %b\r\n\r\n%b" % (b"a" * 16_000, b"b" * 60_000)
    with RawReceiver(always_say(response)) as receiver:
        assert _post(client, receiver.url()).body == b"b" * 60_000


def test_no_received_bytes_raise(client: OutboundHttp) -> None:
    pieces = [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 ",
        b"200",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b": ",
        b" ",
        b"\xff",
        b"Content-Length: ",
        b"-1",
        b"9" * 5000,
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Type: multipart/mixed; boundary*=x''y\r\n",
        b"Content-Encoding: gzip\r\n",
        b"HTTP/1.1 103 Early\r\n",
        b"F" * 20,
    ]
    choice = random.Random(7)
    for _ in range(150):
        response = b"HTTP/1.1 200 OK\r\n" * choice.randint(0, 1) + b"".join(
            choice.choices(pieces, k=choice.randint(0, 12))
        )
        with RawReceiver(say_and_close(response)) as receiver:
            outcome = _post(client, receiver.url())
        assert outcome.status is not None or outcome.error


def test_ten_mebibytes_are_cut_and_the_rest_is_not_read(client: OutboundHttp) -> None:
    sent_all = threading.Event()

    def behaviour(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        conversation.say(b"x" * 100_000_000)
        sent_all.set()

    with RawReceiver(behaviour) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.error) == (200, None)
    assert (len(outcome.body), outcome.body_truncated) == (LIMIT, True)
    assert not sent_all.is_set()


@pytest.mark.parametrize(("size", "is_cut"), [(LIMIT - 1, False), (LIMIT, False), (LIMIT + 1, True)])
def test_body_at_the_limit_is_not_cut(client: OutboundHttp, size: int, is_cut: bool) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size)
    with RawReceiver(always_say(response)) as receiver:
        outcomes = [_post(client, receiver.url()) for _ in range(2)]
        assert receiver.connections == (2 if is_cut else 1)
    assert [(len(o.body), o.body_truncated) for o in outcomes] == [(min(size, LIMIT), is_cut)] * 2


def test_one_byte_chunks_are_read_up_to_the_limit(client: OutboundHttp) -> None:
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    with RawReceiver(say_and_close(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert (len(outcome.body), outcome.body_truncated, outcome.error) == (LIMIT, True, None)


def _compressed(content: bytes) -> bytes:
    body = gzip.compress(content)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def test_compressed_body_is_unpacked(client: OutboundHttp) -> None:
    with RawReceiver(always_say(_compressed(b"thanks"))) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.body, outcome.body_truncated) == (b"thanks", False)


def test_gzip_bomb_is_cut(client: OutboundHttp) -> None:
    with RawReceiver(always_say(_compressed(b"\0" * 50_000_000))) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.body, outcome.body_truncated, outcome.error) == (b"\0" * LIMIT, True, None)


@pytest.mark.parametrize("missing", [1, 9, 20])
def test_received_part_of_an_interrupted_gzip_body_is_unpacked(client: OutboundHttp, missing: int) -> None:
    body = gzip.compress(b"thanks", mtime=0)[:-missing]
    response = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with RawReceiver(always_say(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert b"thanks".startswith(outcome.body)
    assert (outcome.status, outcome.error) == (200, f"The response body from {receiver.url()} is not valid gzip")


DAMAGED_GZIP = gzip.compress(b"thanks" * 99, mtime=0)[:-6] + b"\0" * 6


@pytest.mark.parametrize("body", [b"plain", DAMAGED_GZIP], ids=["no gzip", "wrong checksum"])
def test_damaged_gzip_body_is_kept_as_received(client: OutboundHttp, body: bytes) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with RawReceiver(always_say(response)) as receiver:
        outcome = _post(client, receiver.url())
    assert (outcome.status, outcome.body) == (200, body)
    assert outcome.error == f"The response body from {receiver.url()} is not valid gzip"


def test_number_of_kept_headers_is_limited(client: OutboundHttp) -> None:
    many = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"X-A: 1\r\n" * 90 + b"\r\n"
    with RawReceiver(always_say(many)) as receiver:
        assert len(_post(client, receiver.url()).headers) == 64


def test_interim_response_is_skipped(client: OutboundHttp) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with RawReceiver(always_say(interim + OK)) as receiver:
        outcomes = [_post(client, receiver.url()) for _ in range(3)]
        assert receiver.connections == 1
    assert [(o.status, o.body) for o in outcomes] == [(200, b"ok")] * 3
    assert outcomes[0].headers == (("Content-Length", "2"),)


def test_connection_with_another_protocol_is_not_used_again(client: OutboundHttp) -> None:
    with RawReceiver(always_say(b"HTTP/1.1 101 Switching\r\n\r\n")) as receiver:
        assert [_post(client, receiver.url()).status for _ in range(2)] == [101, 101]
        assert receiver.connections == 2


def test_bytes_after_a_response_are_not_the_next_response(client: OutboundHttp) -> None:
    forged = b"HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n"
    said = threading.Event()

    def behaviour(conversation: Conversation) -> None:
        while conversation.read_request() is not None:
            conversation.say(OK)
            if conversation.number == 0:
                time.sleep(0.05)
                conversation.say(forged)
                said.set()

    with RawReceiver(behaviour) as receiver:
        assert _post(client, receiver.url()).status == 200
        assert said.wait(120)
        assert _post(client, receiver.url()).status == 200


def test_errors_and_logs_do_not_show_the_query(client: OutboundHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for response in (b"", b"HTTP/1.1 200 OK\r\nno colon here\r\nX-A: 1\r\n\r\nbody"):
        with RawReceiver(say_and_close(response)) as receiver:
            outcome = _post(client, receiver.url(path="/hook?token=s3cret"))
        assert "s3cret" not in repr(outcome)
    assert "s3cret" not in caplog.text


@pytest.fixture
def zoo() -> Iterator[list[RawReceiver]]:
    """Run a good receiver and several bad ones."""
    behaviours: list[Callable[[Conversation], None]] = [
        always_say(OK),
        say_nothing,
        say_and_close(b""),
        say_and_close(BROKEN["binary"]),
        say_and_close(_compressed(b"\0" * 5_000_000)),
    ]
    receivers = [RawReceiver(behaviour).__enter__() for behaviour in behaviours]
    yield receivers
    for receiver in receivers:
        receiver.__exit__(None, None, None)


def test_bad_receivers_do_not_disturb_good_ones_on_other_threads(
    make_client: MakeClient, names: FakeNames, zoo: list[RawReceiver]
) -> None:
    client = make_client(timeout_seconds=15)
    outcomes: dict[int, list[HttpOutcome]] = {receiver.port: [] for receiver in zoo}

    def work(receiver: RawReceiver, times: int) -> None:
        for _ in range(times):
            outcomes[receiver.port].append(_post(client, receiver.url()))

    threads = [
        threading.Thread(target=work, args=(receiver, 1 if receiver is zoo[1] else 15))
        for receiver in itertools.chain(*itertools.repeat(zoo, 4))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(o.status, o.body) for o in outcomes[zoo[0].port]] == [(200, b"ok")] * 60
    assert all(o.status is None and o.error for r in zoo[1:4] for o in outcomes[r.port])
    assert all(len(o.body) == LIMIT for o in outcomes[zoo[4].port])


def test_ipv6_address_is_checked_like_any_other(client: OutboundHttp, names: FakeNames) -> None:
    names.response("six.example", [str(ip_address("fe80::1"))])
    assert _post(client, "https://six.example/").error == "The address of six.example is not public"
