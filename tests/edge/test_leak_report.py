"""Reports of GitHub's secret scanning: their contents, the exposed keys they name, and the feedback to GitHub."""

from collections.abc import Callable
from hashlib import sha256
from itertools import repeat
from typing import Any

import pytest

from latchhook.api_keys.leaks import Leak
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.leak_report import MAX_FINDINGS, Match, answer_report, read_leak_report

ALWAYS: Callable[[], bool] = lambda: True  # noqa: E731


def match(text: str, url: str = "https://example.com/", kind: str = "latchhook_api_key") -> Match:
    return Match(Leak(text, url, "commit"), kind)


def test_report_is_read_as_github_documents_it() -> None:
    document = [
        {
            "token": "NMIfyYncKcRALEXAMPLE",
            "type": "mycompany_api_token",
            "url": "https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt",
            "source": "content",
        }
    ]

    (read,) = read_leak_report(document)

    assert read == Match(Leak("NMIfyYncKcRALEXAMPLE", document[0]["url"], "content"), "mycompany_api_token")


@pytest.mark.parametrize(
    "others",
    [{}, {"url": None, "type": 7, "source": []}, {"url": "", "type": "", "source": ""}, {"commit": {"id": 1}}],
)
def test_missing_or_invalid_fields_besides_the_token_are_ignored(others: dict[str, Any]) -> None:
    assert read_leak_report([{"token": "t", **others}]) == [Match(Leak("t", "", ""), "")]


def test_unprintable_characters_are_removed() -> None:
    (read,) = read_leak_report(
        [{"token": "t", "url": "a\r\nb\x00c\ud800d\u2028e é", "source": "x\ty", "type": "k\x7f"}]
    )

    assert read == Match(Leak("t", "abcde é", "xy"), "k")


def test_empty_report_is_valid() -> None:
    assert read_leak_report([]) == []
    assert answer_report([], ALWAYS, ALWAYS) == []  # type: ignore[arg-type]  # nothing is asked


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({}, [""]),
        (None, [""]),
        ("text", [""]),
        ([5], ["/0"]),
        ([{"token": "t"}, {}, [], {"token": None}, {"token": ""}], ["/1/token", "/2", "/3/token", "/4/token"]),
    ],
)
def test_invalid_report_is_refused_with_pointers(document: object, pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_leak_report(document)

    assert [error.pointer for error in refused.value.errors] == pointers


def test_number_of_findings_is_limited() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_leak_report(list(repeat(7, 5_000)))

    assert len(refused.value.errors) == MAX_FINDINGS


def test_feedback_identifies_each_text_by_its_hash() -> None:
    feedback = answer_report([match("ours"), match("not ours", kind="b")], lambda leak: leak.text == "ours", ALWAYS)

    assert feedback == [
        {
            "token_hash": sha256(b"ours").hexdigest(),
            "token_type": "latchhook_api_key",
            "label": "true_positive",
        },
        {"token_hash": sha256(b"not ours").hexdigest(), "token_type": "b", "label": "false_positive"},
    ]


def test_each_leak_is_handled_once_and_each_text_answered_once() -> None:
    dealt_with: list[tuple[str, str]] = []

    def deal_with(leak: Leak) -> bool:
        dealt_with.append((leak.text, leak.url))
        return True

    feedback = answer_report([match("a"), match("a"), match("a", "other"), match("b")], deal_with, ALWAYS)

    assert dealt_with == [("a", "https://example.com/"), ("a", "other"), ("b", "https://example.com/")]
    assert len(feedback) == 2


def test_text_with_a_lone_surrogate_is_hashed() -> None:
    (feedback,) = answer_report([match("\ud800")], lambda _: False, ALWAYS)

    assert feedback["token_hash"] == sha256(b"\xed\xa0\x80").hexdigest()


def test_report_without_enough_time_is_503() -> None:
    dealt_with: list[str] = []
    time_left = iter([True, True, False])

    def deal_with(leak: Leak) -> bool:
        dealt_with.append(leak.text)
        return True

    with pytest.raises(DependencyUnavailableError):
        answer_report([match("a"), match("b"), match("c")], deal_with, lambda: next(time_left))
    assert dealt_with == ["a", "b"]
