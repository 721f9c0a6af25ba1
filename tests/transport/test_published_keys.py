"""Published public keys: fetched once, cached, and fetched again for an unknown id at a limited rate."""

import gzip
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.published_keys import (
    REFETCH_SECONDS,
    RETRY_SECONDS,
    PublishedKeys,
    github_keys,
    json_web_keys,
)

Keys = PublishedKeys[Mapping[str, Any]]


class Provider:
    """A publisher that serves a key set over HTTP and counts the fetches."""

    def __init__(self) -> None:
        self.status = 200
        self.content = b""
        self.headers: Mapping[str, str] = {}
        self.fetches = 0
        self.user_agents: list[str] = []
        self.publishes("key-1")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.fetches += 1
                provider.user_agents.append(self.headers["User-Agent"])
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(provider.content)))
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(provider.content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/auth/v1/.well-known/jwks.json"

    def publishes(self, *key_ids: str) -> None:
        self.content = json.dumps({"keys": [{"kid": key_id, "kty": "EC"} for key_id in key_ids]}).encode()


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(provider: Provider, seconds: Seconds) -> Keys:
    return PublishedKeys(provider.url, json_web_keys, monotonic=seconds)


def test_nothing_is_fetched_before_a_key_is_needed(keys: Keys, provider: Provider) -> None:
    assert provider.fetches == 0


def test_key_is_found_by_its_id_with_one_fetch(keys: Keys, provider: Provider, seconds: Seconds) -> None:
    for _ in range(5):
        assert keys.find("key-1") == {"kid": "key-1", "kty": "EC"}
        seconds.now += 10 * REFETCH_SECONDS

    assert provider.fetches == 1


def test_unknown_id_causes_at_most_one_fetch_a_minute(keys: Keys, provider: Provider, seconds: Seconds) -> None:
    keys.find("key-1")
    for number in range(50):
        assert keys.find(f"made-up-{number}") is None
    assert provider.fetches == 1

    seconds.now += REFETCH_SECONDS - 0.1
    assert keys.find("made-up") is None
    assert provider.fetches == 1
    seconds.now += 0.1
    assert keys.find("made-up") is None
    assert keys.find("made-up") is None
    assert provider.fetches == 2


def test_refetch_adds_new_keys_and_removes_old_ones(keys: Keys, provider: Provider, seconds: Seconds) -> None:
    keys.find("key-1")
    provider.publishes("key-2")
    seconds.now += REFETCH_SECONDS

    assert keys.find("key-2") is not None
    assert keys.find("key-1") is None


def test_concurrent_callers_share_one_fetch(keys: Keys, provider: Provider) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: keys.find("key-1"), range(64)))

    assert all(found)
    assert provider.fetches == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b'{"keys":[]}'), (404, b""), (301, b'{"keys":[{"kid":"key-1"}]}'), (200, b""), (200, b"<html>"),
        (200, b"[]"), (200, b"{}"), (200, b'{"keys":5}'), (200, b'{"keys":[5]}'), (200, b'{"keys":[{"kid":[]}]}'),
        (200, b'{"keys":[' + b" " * 300_000 + b"]}"), (200, b"\xff"),
        (200, b"[" * 200_000),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_unusable_key_set_is_a_dependency_error(keys: Keys, provider: Provider, status: int, content: bytes) -> None:
    provider.status, provider.content = status, content

    with pytest.raises(DependencyUnavailableError, match="public keys"):
        keys.find("key-1")


def test_redirect_is_not_followed(keys: Keys, provider: Provider) -> None:
    provider.status, provider.headers = 302, {"Location": provider.url}

    with pytest.raises(DependencyUnavailableError):
        keys.find("key-1")
    assert provider.fetches == 1


def test_oversized_compressed_key_set_is_a_dependency_error(keys: Keys, provider: Provider) -> None:
    provider.content = gzip.compress(b'{"keys":[' + b" " * 10_000_000 + b"]}")
    provider.headers = {"Content-Encoding": "gzip"}

    with pytest.raises(DependencyUnavailableError):
        keys.find("key-1")


def test_unreachable_publisher_is_a_dependency_error(seconds: Seconds) -> None:
    with pytest.raises(DependencyUnavailableError):
        PublishedKeys("http://127.0.0.1:1/jwks.json", json_web_keys, monotonic=seconds).find("key-1")


def test_failed_fetch_is_retried_only_after_a_pause(keys: Keys, provider: Provider, seconds: Seconds) -> None:
    provider.status = 500
    for _ in range(20):
        with pytest.raises(DependencyUnavailableError):
            keys.find("key-1")
    assert provider.fetches == 1

    provider.status = 200
    seconds.now += RETRY_SECONDS
    assert keys.find("key-1") is not None


def test_known_keys_stay_valid_during_an_outage(keys: Keys, provider: Provider, seconds: Seconds) -> None:
    keys.find("key-1")
    provider.status = 500
    seconds.now += REFETCH_SECONDS

    for key_id in ("key-2", "key-3"):
        with pytest.raises(DependencyUnavailableError):
            keys.find(key_id)
    assert keys.find("key-1") is not None
    assert provider.fetches == 2


def test_key_without_id_is_skipped(keys: Keys, provider: Provider) -> None:
    provider.content = b'{"keys":[{"kty":"EC"},{"kid":"key-1"}]}'

    assert keys.find("key-1") == {"kid": "key-1"}


def test_githubs_keys_are_found_by_identifier_current_or_not(provider: Provider, seconds: Seconds) -> None:
    provider.content = json.dumps(
        {
            "public_keys": [
                {"key_identifier": "old", "key": "PEM 1", "is_current": False},
                {"key_identifier": "new", "key": "PEM 2", "is_current": True},
            ]
        }
    ).encode()
    keys = PublishedKeys(provider.url, github_keys, monotonic=seconds)

    assert [keys.find(key_id) for key_id in ("old", "new", "other")] == ["PEM 1", "PEM 2", None]
    assert provider.fetches == 1


@pytest.mark.parametrize(
    "content", [b'{"keys":[]}', b'{"public_keys":[{"key":"PEM"}]}', b'{"public_keys":["PEM"]}', b"[]"]
)
def test_malformed_github_key_set_is_a_dependency_error(provider: Provider, seconds: Seconds, content: bytes) -> None:
    provider.content = content

    with pytest.raises(DependencyUnavailableError):
        PublishedKeys(provider.url, github_keys, monotonic=seconds).find("key-1")


def test_request_names_the_product_as_user_agent(keys: Keys, provider: Provider) -> None:
    keys.find("key-1")

    assert provider.user_agents == ["Latchhook/1.0"]
