"""The identity provider's public keys: fetched once, kept by key id, fetched again for an id that is not known."""

import json
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import urllib3

from latchhook.outages import StoreUnavailableError

REFETCH_SECONDS = 60
"""Unknown key ids cost at most one fetch a minute, however many callers make some up."""

RETRY_SECONDS = 5
"""The same while the set has never been had: nobody waits in line for a provider that is down."""

_MAX_BYTES = 256 * 1024


class Jwks:
    """A JSON Web Key Set (RFC 7517) behind a URL."""

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._monotonic = monotonic
        self._keys: Mapping[str, Mapping[str, Any]] | None = None
        self._tried_at: float | None = None
        self._is_failing = False
        self._lock = Lock()
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(total=3), retries=False, headers={"Accept": "application/json"}
        )

    def find(self, key_id: str) -> Mapping[str, Any] | None:
        """The key with that id as the set has it, or None. Raises `StoreUnavailableError` if the set can't be had."""
        with self._lock:
            found = (self._keys or {}).get(key_id)
            if found is None and self._may_fetch():
                self._tried_at = self._monotonic()
                self._is_failing = True
                self._keys = self._fetch()
                self._is_failing = False
                found = self._keys.get(key_id)
            if found is None and self._is_failing:
                raise StoreUnavailableError("JWKS: the last fetch failed")
            return found

    def _may_fetch(self) -> bool:
        pause = RETRY_SECONDS if self._keys is None else REFETCH_SECONDS
        return self._tried_at is None or self._monotonic() - self._tried_at >= pause

    def _fetch(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            answer = self._http.request("GET", self._url, redirect=False, preload_content=False)
            content = answer.read(_MAX_BYTES + 1, decode_content=True)
            answer.release_conn()
            if answer.status != 200 or len(content) > _MAX_BYTES:
                raise StoreUnavailableError(f"JWKS: HTTP {answer.status}, {len(content)} bytes")
            keys = json.loads(content)["keys"]
            return {key["kid"]: key for key in keys if "kid" in key}
        except (urllib3.exceptions.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            raise StoreUnavailableError(f"JWKS: {type(error).__name__}") from error
