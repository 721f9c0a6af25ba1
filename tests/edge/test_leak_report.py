"""Reports of GitHub's secret scanning: what is taken of them, what is dealt with, and what GitHub hears."""

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


def test_a_report_is_read_as_github_documents_it() -> None:
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
def test_what_is_missing_or_unknown_in_a_report_keeps_no_key_from_being_dealt_with(others: dict[str, Any]) -> None:
    assert read_leak_report([{"token": "t", **others}]) == [Match(Leak("t", "", ""), "")]


def test_what_is_not_printable_is_left_out_of_a_place() -> None:
    (read,) = read_leak_report(
        [{"token": "t", "url": "a\r\nb\x00c\ud800d\u2028e é", "source": "x\ty", "type": "k\x7f"}]
    )

    assert read == Match(Leak("t", "abcde é", "xy"), "k")


def test_an_empty_report_is_one() -> None:
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
def test_what_is_no_report_is_pointed_at(document: object, pointers: list[str]) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_leak_report(document)

    assert [error.pointer for error in refused.value.errors] == pointers


def test_only_so_much_is_told_of_what_is_wrong() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        read_leak_report(list(repeat(7, 5_000)))

    assert len(refused.value.errors) == MAX_FINDINGS


def test_feedback_names_each_text_by_its_hash_and_never_echoes_it() -> None:
    feedback = answer_report([match("ours"), match("not ours", kind="b")], lambda leak: leak.text == "ours", ALWAYS)

    assert feedback == [
        {
            "token_hash": sha256(b"ours").hexdigest(),
            "token_type": "latchhook_api_key",
            "label": "true_positive",
        },
        {"token_hash": sha256(b"not ours").hexdigest(), "token_type": "b", "label": "false_positive"},
    ]


def test_a_leak_is_dealt_with_once_and_a_text_answered_once() -> None:
    dealt_with: list[tuple[str, str]] = []

    def deal_with(leak: Leak) -> bool:
        dealt_with.append((leak.text, leak.url))
        return True

    feedback = answer_report([match("a"), match("a"), match("a", "other"), match("b")], deal_with, ALWAYS)

    assert dealt_with == [("a", "https://example.com/"), ("a", "other"), ("b", "https://example.com/")]
    assert len(feedback) == 2


def test_a_text_that_is_no_text_is_hashed_all_the_same() -> None:
    (feedback,) = answer_report([match("\ud800")], lambda _: False, ALWAYS)

    assert feedback["token_hash"] == sha256(b"\xed\xa0\x80").hexdigest()


def test_a_report_for_which_the_time_does_not_suffice_is_to_be_sent_again() -> None:
    dealt_with: list[str] = []
    time_left = iter([True, True, False])

    def deal_with(leak: Leak) -> bool:
        dealt_with.append(leak.text)
        return True

    with pytest.raises(DependencyUnavailableError):
        answer_report([match("a"), match("b"), match("c")], deal_with, lambda: next(time_left))
    assert dealt_with == ["a", "b"]
