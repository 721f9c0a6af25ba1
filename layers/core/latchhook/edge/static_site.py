"""A built single-page site: precompressed files, and one HTML document for every path."""

import base64
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latchhook.edge.content_codings import accepts
from latchhook.edge.problems import Problem
from latchhook.edge.request import RawRequest

NO_SUCH_FILE = Problem(
    404, "no_such_file", "The console has no such file. Reload the page: the file can belong to an earlier version."
)

FOR_EVER = "public, max-age=31536000, immutable"
"""RFC 8246. For files whose names contain a hash of their content."""

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class StaticSite:
    """The site in `directory`, served below the path `mount`. `assets/x.js` is stored as `.br` and `.gz` files."""

    def __init__(self, directory: Path, mount: str) -> None:
        self._directory = directory
        self._mount = mount
        names = (path.relative_to(directory).as_posix() for path in directory.glob("assets/*.br"))
        self._names = {name.removesuffix(".br") for name in names}

    def path_below(self, request: RawRequest) -> str:
        """Return the path after the mount: empty for the mount itself. A base path before the mount is ignored."""
        return str(request.event["rawPath"]).partition(self._mount)[2]

    def file(self, request: RawRequest, headers: Mapping[str, str]) -> dict[str, Any]:
        """Return the file of the request's path in the best accepted encoding, or a 404."""
        name = self.path_below(request).lstrip("/")
        if name not in self._names:
            return NO_SUCH_FILE.to_lambda(request.request_id)
        content, encoding = self._content(name, request.header("accept-encoding") or "")
        return {
            "statusCode": 200,
            "headers": {
                **headers,
                "content-type": CONTENT_TYPES[name[name.rindex(".") :]],
                "cache-control": FOR_EVER,
                "vary": "accept-encoding",
                **({"content-encoding": encoding} if encoding else {}),
            },
            "body": base64.b64encode(content).decode(),
            "isBase64Encoded": True,
        }

    def document(self, request: RawRequest, headers: Mapping[str, str], nonce: str) -> dict[str, Any]:
        """Return index.html. Its URLs are relative to the mount, so that it works below any base path."""
        text = (self._directory / "index.html").read_text(encoding="utf-8")
        text = text.replace('<base href="./"', f'<base href="{self._base(request)}"').replace("{{nonce}}", nonce)
        return {
            "statusCode": 200,
            "headers": {**headers, "content-type": "text/html; charset=utf-8", "cache-control": "no-store"},
            "body": text,
        }

    @staticmethod
    def settings(value: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """Return the deployment's settings for the page."""
        return {
            "statusCode": 200,
            "headers": {**headers, "content-type": "application/json", "cache-control": "no-store"},
            "body": json.dumps(value),
        }

    def _base(self, request: RawRequest) -> str:
        """Return the mount with a slash, relative to the browser's URL."""
        below = self.path_below(request)
        if not below:
            return self._mount.rpartition("/")[2] + "/"
        return "../" * (below.count("/") - 1) or "./"

    def _content(self, name: str, accept_encoding: str) -> tuple[bytes, str]:
        """Return a file's bytes and their content coding; empty for uncompressed bytes."""
        if accepts(accept_encoding, "br"):
            return (self._directory / f"{name}.br").read_bytes(), "br"
        compressed = (self._directory / f"{name}.gz").read_bytes()
        return (compressed, "gzip") if accepts(accept_encoding, "gzip") else (gzip.decompress(compressed), "")


def wants_document(request: RawRequest) -> bool:
    """Return whether the browser requests a page. Requests for scripts, styles and images accept other types."""
    return "text/html" in (request.header("accept") or "")
