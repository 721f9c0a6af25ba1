"""A report of GitHub's secret scanning, and the feedback that GitHub takes for an answer.

Source: GitHub docs, "Secret scanning partner program". What GitHub may add to a report is passed over, and what it may
leave out is empty: a key that is live in public must not stay so for the form of the report.
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
"""Of what is wrong with a report, so much is told."""


@dataclass(frozen=True, slots=True)
class Match:
    """A text that fits the regular expression of our keys; `kind` is what we call these at GitHub."""

    leak: Leak
    kind: str


def read_leak_report(document: Any) -> Sequence[Match]:
    """The matches of a report; raises `InvalidFieldsError`."""
    if not isinstance(document, list):
        raise InvalidFieldsError([FieldError("", "This must be an array.")])
    errors = [found for at, item in enumerate(document) for found in _errors(at, item)]
    if errors:
        raise InvalidFieldsError(errors[:MAX_FINDINGS])
    return [_match(item) for item in document]


def answer_report(
    matches: Sequence[Match], deal_with: Callable[[Leak], bool], may_go_on: Callable[[], bool]
) -> list[LeakFeedbackResponse]:
    """Deals with each leak once, and says of each text whether it is a key. It is named by its hash, never echoed.

    Raises `DependencyUnavailableError` when the time runs out. A repeat of the same report continues from there,
    because processed leaks are recognised.
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
        return [FieldError(f"/{at}", "This must be an object.")]
    token = item.get("token")
    return [] if isinstance(token, str) and token else [FieldError(f"/{at}/token", "This must be text.")]


def _match(item: dict[str, Any]) -> Match:
    return Match(
        Leak(item["token"], _printable(item.get("url")), _printable(item.get("source"))), _printable(item.get("type"))
    )


def _printable(value: Any) -> str:
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""
