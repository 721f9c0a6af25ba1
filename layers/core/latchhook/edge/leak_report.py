"""Reports of GitHub's secret scanning, and the feedback that GitHub expects in the response.

Source: GitHub docs, "Secret scanning partner program". Unknown fields of a report are ignored, and missing optional
fields are empty: an exposed key must be processed even if GitHub changes the report's format.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from latchhook.api_keys.leaks import Leak
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.responses.leaked_keys import LeakFeedbackResponse

MAX_FINDINGS = 100
"""Maximum number of field errors in a response."""


@dataclass(frozen=True, slots=True)
class Match:
    """A text that matches the regular expression of our keys. `kind` is the key type's name at GitHub."""

    leak: Leak
    kind: str


def read_leak_report(document: Any) -> Sequence[Match]:
    """Return the matches of a report. Raises `InvalidFieldsError`."""
    if not isinstance(document, list):
        raise InvalidFieldsError([FieldError("", "Must be an array.")])
    errors = [found for at, item in enumerate(document) for found in _errors(at, item)]
    if errors:
        raise InvalidFieldsError(errors[:MAX_FINDINGS])
    return [_match(item) for item in document]


def answer_report(
    matches: Sequence[Match], deal_with: Callable[[Leak], bool], may_go_on: Callable[[], bool]
) -> list[LeakFeedbackResponse]:
    """Process each leak once with `deal_with`. Return for each text, by its hash, whether it is a key.

    Raises `DependencyUnavailableError` when the time runs out. If GitHub sends the same report again, processing
    continues from there, because processed leaks are recognised.
    """
    is_ours: dict[str, bool] = {}
    for leak in dict.fromkeys(match.leak for match in matches):
        if not may_go_on():
            raise DependencyUnavailableError("no time left for a leak report")
        is_ours[leak.text] = deal_with(leak)
    return [
        _feedback(text, kind, is_ours[text]) for text, kind in dict.fromkeys((m.leak.text, m.kind) for m in matches)
    ]


def _feedback(text: str, kind: str, is_ours: bool) -> LeakFeedbackResponse:
    return {
        "token_hash": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "token_type": kind,
        "label": "true_positive" if is_ours else "false_positive",
    }


def _errors(at: int, item: Any) -> Sequence[FieldError]:
    if not isinstance(item, dict):
        return [FieldError(f"/{at}", "Must be an object.")]
    token = item.get("token")
    return [] if isinstance(token, str) and token else [FieldError(f"/{at}/token", "Must be a non-empty string.")]


def _match(item: dict[str, Any]) -> Match:
    return Match(
        Leak(item["token"], _printable(item.get("url")), _printable(item.get("source"))), _printable(item.get("type"))
    )


def _printable(value: Any) -> str:
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""
