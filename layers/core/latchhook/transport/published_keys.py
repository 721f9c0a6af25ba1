"""Fetches and caches public keys that others publish. An unknown key id causes a new fetch."""

import json
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Generic, TypeVar

import urllib3

from latchhook.dependency_errors import DependencyUnavailableError

K = TypeVar("K")

REFETCH_SECONDS = 60
"""Unknown key ids cause at most one fetch per minute, however many invented ids callers send."""

RETRY_SECONDS = 5
"""Seconds between fetches until the first fetch succeeds. Callers in between fail at once instead of waiting."""

_MAX_BYTES = 256 * 1024


class PublishedKeys(Generic[K]):
    """A key set behind a URL. `read` converts its JSON to keys by id. Its errors are the publisher's fault."""

    def __init__(
        self, url: str, read: Callable[[Any], Mapping[str, K]], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._read = read
        self._monotonic = monotonic
        self._keys: Mapping[str, K] | None = None
        self._tried_at: float | None = None
        self._is_failing = False
        self._lock = Lock()
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(total=3),
            retries=False,
            headers={"Accept": "application/json", "User-Agent": "Latchhook/1.0"},
        )

    def find(self, key_id: str) -> K | None:
        """Return the key with this id, or None. Raises `DependencyUnavailableError` if the set is unavailable."""
        with self._lock:
            found = (self._keys or {}).get(key_id)
            if found is None and self._may_fetch():
                self._tried_at = self._monotonic()
                self._is_failing = True
                self._keys = self._fetch()
                self._is_failing = False
                found = self._keys.get(key_id)
            if found is None and self._is_failing:
                raise DependencyUnavailableError("public keys: the last fetch failed")
            return found

    def _may_fetch(self) -> bool:
        pause = RETRY_SECONDS if self._keys is None else REFETCH_SECONDS
        return self._tried_at is None or self._monotonic() - self._tried_at >= pause

    def _fetch(self) -> Mapping[str, K]:
        try:
            response = self._http.request("GET", self._url, redirect=False, preload_content=False)
            content = response.read(_MAX_BYTES + 1, decode_content=True)
            response.release_conn()
            if response.status != 200 or len(content) > _MAX_BYTES:
                raise DependencyUnavailableError(f"public keys: HTTP {response.status}, {len(content)} bytes")
            return self._read(json.loads(content))
        except (urllib3.exceptions.HTTPError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DependencyUnavailableError(f"public keys: {type(error).__name__}") from error


def json_web_keys(document: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the keys of a JSON Web Key Set (RFC 7517) by id, without keys that have no id."""
    return {key["kid"]: key for key in document["keys"] if "kid" in key}


def github_keys(document: Any) -> Mapping[str, str]:
    """Return GitHub's keys as PEM, from `{public_keys: [{key_identifier, key, is_current}]}`.

    Source: GitHub docs, "Secret scanning partner program". Keys that are no longer current are included, because they
    verify earlier reports. The set contains no withdrawn keys.
    """
    return {str(key["key_identifier"]): str(key["key"]) for key in document["public_keys"]}
