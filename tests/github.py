"""A test double of GitHub: publishes its own key on loopback and signs its reports with it."""

import base64
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID = "4fe6b016179b74078ade7581abf4e84fb398c6fae4fb973972235b84fcd70ca3"
URL = "https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt"


class Github:
    """Publishes its key while the context lasts."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.status = 200
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = github.published()
                self.send_response(github.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.keys_url = f"http://127.0.0.1:{self._server.server_port}/meta/public_keys/secret_scanning"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def published(self) -> bytes:
        """Return the response of `keys_url`."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return json.dumps({"public_keys": [{"key_identifier": KEY_ID, "key": pem, "is_current": True}]}).encode()

    def signature_headers(self, content: bytes) -> Mapping[str, str]:
        """Return the signature headers of a report."""
        signature = self.key.sign(content, ec.ECDSA(SHA256()))
        return {
            "github-public-key-identifier": KEY_ID,
            "github-public-key-signature": base64.b64encode(signature).decode(),
        }


def found(token: str, *, url: str = URL) -> dict[str, str]:
    """Return one match of a report."""
    return {"token": token, "type": "latchhook_api_key", "url": url, "source": "commit"}
