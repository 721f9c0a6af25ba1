"""Filters: the documented EventBridge examples, Latchhook's additions, invalid filters, and the cost of matching."""

import json
from typing import Any

import pytest

from latchhook.webhooks.errors import FilterTooExpensiveError
from latchhook.webhooks.filter_operators import MAX_CONDITIONS, InvalidFilterError, Work
from latchhook.webhooks.filters import MAX_BYTES, MAX_COMBINATIONS, MAX_DEPTH, Filter, read_filter

Json = dict[str, Any]


def _read(document: Any) -> Filter:
    return read_filter(document, size=len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()))


def _matches(document: Json, body: Json, **orders: list[str]) -> bool:
    return _read(document).matches(body, orders)


def _refusal(document: Any) -> InvalidFilterError:
    with pytest.raises(InvalidFilterError) as refused:
        _read(document)
    return refused.value


# ---- The examples of EventBridge's user guide, each with matching and other events ----

EC2: Json = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2017-10-02T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"},
}


def _detail(**fields: Any) -> Json:
    return {**EC2, "detail": {name.replace("_", "-"): value for name, value in fields.items()}}


def _state(condition: Any) -> Json:
    return {"detail": {"state": [condition]}}


COMPLEX = {
    "time": [{"prefix": "2017-10-02"}],
    "detail": {
        "state": [{"anything-but": "initializing"}],
        "c-count": [{"numeric": [">", 0, "<=", 5]}],
        "d-count": [{"numeric": ["<", 10]}],
        "x-limit": [{"anything-but": [100, 200, 300]}],
    },
}
COUNTS = {"state": "running", "c_count": 5, "d_count": 3, "x_limit": 301.8}
EITHER = {
    "source": ["aws.cloudwatch"],
    "$or": [
        {"metricName": ["CPUUtilization", "ReadLatency"]},
        {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]},
        {"scope": ["Service"]},
    ],
}
ANY_COUNT = {
    "detail": {
        "$or": [
            {"c-count": [{"numeric": [">", 0, "<=", 5]}]},
            {"d-count": [{"numeric": ["<", 10]}]},
            {"x-limit": [{"numeric": ["=", 3.018e2]}]},
        ]
    }
}
CLOUDWATCH = {"source": "aws.cloudwatch"}
INSTANCES = [f"arn:aws:ec2:us-east-1:{account}:instance/i-b188560f" for account in ("123", "111", "444")]
GROUP = "arn:aws:autoscaling:us-east-1:123:autoScalingGroup:eb56d16b:autoScalingGroupName/ASGTerminate"

DOCUMENTED: dict[str, tuple[Json, list[Json], list[Json]]] = {
    "fields and nested fields": (
        {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance State-change Notification"],
            "detail": {"state": ["terminated"]},
        },
        [EC2],
        [_detail(state="running"), {**EC2, "source": "aws.ecs"}, _detail(), {}],
    ),
    "one of several values": (
        {"source": ["aws.ec2", "aws.fargate"]},
        [EC2, {"source": "aws.fargate"}],
        [{"source": "aws.ecs"}, {"source": "AWS.EC2"}, {"source": "aws.ec2 "}, {}],
    ),
    "numbers": (
        {"detail": {"risk-score": [80], "trigger": {"risk": [8]}}},
        [_detail(risk_score=80, trigger={"risk": 8}), _detail(risk_score=80.0, trigger={"risk": 8})],
        [_detail(risk_score=80, trigger={"risk": 9}), _detail(risk_score="80", trigger={"risk": 8})],
    ),
    "empty text": (
        {"detail": {"eventVersion": [""]}},
        [_detail(eventVersion="")],
        [_detail(eventVersion=None), _detail(eventVersion="1"), _detail(eventVersion=[]), _detail()],
    ),
    "null": (
        {"detail": {"responseElements": [None]}},
        [_detail(responseElements=None)],
        [_detail(responseElements=""), _detail(responseElements=0), _detail(responseElements=False), _detail()],
    ),
    "arrays": (
        {"resources": INSTANCES},
        [{"resources": [GROUP, INSTANCES[0]]}, {"resources": INSTANCES[1]}],
        [{"resources": [GROUP]}, {"resources": []}, {"resources": [{}]}],
    ),
    "prefix": (
        {"time": [{"prefix": "2017-10-02"}]},
        [EC2, {"time": "2017-10-02"}],
        [{"time": "2017-10-03T"}, {"time": "on 2017-10-02"}, {"time": 2017}, {"time": None}],
    ),
    "empty prefix: all text": (
        {"source": [{"prefix": ""}]},
        [EC2, {"source": ""}],
        [{"source": 1}, {"source": None}, {}],
    ),
    "prefix, ignoring case": (
        {"detail": {"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}},
        [_detail(service=service) for service in ("EventBridge", "EVENTBRIDGE", "eventb")],
        [_detail(service="even"), _detail(service="an EventB"), _detail(service=1)],
    ),
    "suffix": (
        {"FileName": [{"suffix": ".png"}]},
        [{"FileName": "a.png"}, {"FileName": ".png"}],
        [{"FileName": "a.PNG"}, {"FileName": "a.png.zip"}, {"FileName": 1}],
    ),
    "suffix, ignoring case": (
        {"detail": {"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]}},
        [_detail(FileName=name) for name in ("a.png", "a.PNG", "a.pNg")],
        [_detail(FileName="a.jpg"), _detail(FileName=None)],
    ),
    "anything but text": (
        _state({"anything-but": "initializing"}),
        [_detail(state="running"), _detail(state="Initializing"), _detail(state=1), _detail(state=None)],
        [_detail(state="initializing"), _detail(), _detail(state={"x": 1}), _detail(state=[])],
    ),
    "anything but a number": (
        {"detail": {"x-limit": [{"anything-but": 123}]}},
        [_detail(x_limit=124), _detail(x_limit="123"), _detail(x_limit=True)],
        [_detail(x_limit=123), _detail(x_limit=123.0), _detail()],
    ),
    "anything but a list of text": (
        _state({"anything-but": ["stopped", "overloaded"]}),
        [_detail(state="running")],
        [_detail(state="stopped"), _detail(state="overloaded")],
    ),
    "anything but a list of numbers": (
        {"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}},
        [_detail(x_limit=150)],
        [_detail(x_limit=100), _detail(x_limit=300)],
    ),
    "anything but, ignoring case": (
        _state({"anything-but": {"equals-ignore-case": "initializing"}}),
        [_detail(state="running")],
        [_detail(state="INITIALIZING"), _detail(state="initializing")],
    ),
    "anything but a list, ignoring case": (
        _state({"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}),
        [_detail(state="running")],
        [_detail(state="INITIALIZING"), _detail(state="Stopped")],
    ),
    "anything but a prefix": (
        _state({"anything-but": {"prefix": "init"}}),
        [_detail(state="running"), _detail(state=5), _detail(state="Init")],
        [_detail(state="initializing"), _detail(state="init")],
    ),
    "anything but prefixes": (
        _state({"anything-but": {"prefix": ["init", "stop"]}}),
        [_detail(state="running")],
        [_detail(state="initializing"), _detail(state="stopped")],
    ),
    "anything but a suffix": (
        {"detail": {"FileName": [{"anything-but": {"suffix": ".txt"}}]}},
        [_detail(FileName="a.rtf")],
        [_detail(FileName="a.txt")],
    ),
    "anything but suffixes": (
        {"detail": {"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}},
        [_detail(FileName="a.png")],
        [_detail(FileName="a.txt"), _detail(FileName="a.rtf")],
    ),
    "anything but a wildcard": (
        {"detail": {"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}},
        [_detail(FilePath="/usr/bin/x"), _detail(FilePath="lib/x")],
        [_detail(FilePath="/usr/lib/x")],
    ),
    "anything but wildcards": (
        {"detail": {"FilePath": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}},
        [_detail(FilePath="/usr/share/x")],
        [_detail(FilePath="/usr/lib/x"), _detail(FilePath="/usr/bin/x")],
    ),
    "numeric": (
        {
            "detail": {
                "c-count": [{"numeric": [">", 0, "<=", 5]}],
                "d-count": [{"numeric": ["<", 10]}],
                "x-limit": [{"numeric": ["=", 3.018e2]}],
            }
        },
        [_detail(**COUNTS), _detail(**{**COUNTS, "c_count": 0.001}), _detail(**{**COUNTS, "d_count": -1e300})],
        [_detail(**{**COUNTS, name: wrong}) for name, wrong in (("c_count", 0), ("c_count", 5.001), ("d_count", 10))]
        + [_detail(**{**COUNTS, "x_limit": "301.8"}), _detail(**{**COUNTS, "c_count": True})],
    ),
    "cidr": (
        {"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}},
        [_detail(source_ip="10.0.0.33"), _detail(source_ip="10.0.0.0"), _detail(source_ip="10.0.0.255")],
        [_detail(source_ip=other) for other in ("10.0.1.0", "::a00:21", "10.0.0.33/32", "ten", "", 167772193)],
    ),
    "cidr of IPv6": (
        {"ip": [{"cidr": "2001:db8::/32"}]},
        [{"ip": "2001:db8::1"}, {"ip": "2001:0DB8:ffff::"}, {"ip": "2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255"}],
        [{"ip": "2001:db9::"}, {"ip": "10.0.0.1"}],
    ),
    "exists": (
        {"detail": {"c-count": [{"exists": True}]}},
        [_detail(c_count=0), _detail(c_count=None), _detail(c_count=""), _detail(c_count=[{}, 1])],
        [_detail(), _detail(c_count={"c1": 100}), _detail(c_count=[]), _detail(c_count=[{}])],
    ),
    "does not exist": (
        {"detail": {"c-count": [{"exists": False}]}},
        [_detail(), _detail(c_count={"c1": 100}), {"detail": 5}, {}],
        [_detail(c_count=0), _detail(c_count=None)],
    ),
    "equals, ignoring case": (
        {"detail-type": [{"equals-ignore-case": "ec2 instance State-change Notification"}]},
        [EC2, {"detail-type": "EC2 INSTANCE STATE-CHANGE NOTIFICATION"}],
        [{"detail-type": "ec2 instance"}, {"detail-type": None}],
    ),
    "wildcard": (
        {"FileName": [{"wildcard": "dir/*.png"}]},
        [{"FileName": "dir/a.png"}, {"FileName": "dir/.png"}, {"FileName": "dir/a/b.png"}],
        [{"FileName": "dir/a.jpg"}, {"FileName": "a/dir/b.png"}, {"FileName": "dir.png"}, {"FileName": 1}],
    ),
    "several conditions": (
        COMPLEX,
        [_detail(**COUNTS)],
        [_detail(**{**COUNTS, "x_limit": 200}), {**_detail(**COUNTS), "time": "2017-10-03"}, EC2],
    ),
    "$or of several fields": (
        ANY_COUNT,
        [_detail(c_count=1), _detail(d_count=9), _detail(x_limit=301.8), _detail(c_count=9, d_count=9)],
        [_detail(c_count=9, d_count=10, x_limit=1), _detail(), {}],
    ),
    "$or with other conditions": (
        EITHER,
        [
            {**CLOUDWATCH, "metricName": "ReadLatency"},
            {**CLOUDWATCH, "metricType": "MetricType", "namespace": "AWS/ES"},
            {**CLOUDWATCH, "scope": "Service", "metricName": "other"},
        ],
        [{**CLOUDWATCH, "metricType": "MetricType"}, CLOUDWATCH, {"scope": "Service"}],
    ),
}


@pytest.mark.parametrize("example", DOCUMENTED)
def test_documented_example(example: str) -> None:
    pattern, matching, others = DOCUMENTED[example]

    assert [body for body in matching if not _matches(pattern, body)] == []
    assert [body for body in others if _matches(pattern, body)] == []


@pytest.mark.parametrize("example", DOCUMENTED)
def test_missing_field_matches_only_an_exists_false_condition(example: str) -> None:
    assert _matches(DOCUMENTED[example][0], {}) == (example == "does not exist")


# ---- Arrays ----

EMPLOYEES = {
    "employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith", "left": True},
        {"firstName": "Peter", "lastName": "Jones", "homes": [{"city": "Rome"}, {"city": "Oslo", "zip": 7}]},
    ]
}


@pytest.mark.parametrize(
    ("of_employee", "matches"),
    [
        ({"firstName": ["Anna"]}, True),
        ({"firstName": ["Anna"], "lastName": ["Smith"]}, True),
        ({"firstName": ["Anna"], "lastName": ["Jones"]}, False),
        ({"firstName": ["Anna"], "left": [{"exists": False}]}, False),
        ({"firstName": ["John"], "left": [{"exists": False}]}, True),
        ({"firstName": ["Peter"], "homes": {"city": ["Oslo"], "zip": [7]}}, True),
        ({"firstName": ["Peter"], "homes": {"city": ["Rome"], "zip": [7]}}, False),
        ({"firstName": ["John"], "homes": {"city": [{"exists": False}]}}, True),
        ({"$or": [{"firstName": ["Nobody"]}, {"lastName": ["Doe"]}], "left": [{"exists": False}]}, True),
        ({"$or": [{"firstName": ["Nobody"]}, {"lastName": ["Smith"]}], "left": [{"exists": False}]}, False),
    ],
    ids=json.dumps,
)
def test_one_object_of_an_array_must_match_all_conditions(of_employee: Json, matches: bool) -> None:
    assert _matches({"employees": of_employee}, EMPLOYEES) == matches


ITEMS = {"items": [{"sku": "A"}, {"sku": "B", "discount": 5}]}


@pytest.mark.parametrize(
    ("of_item", "matches"),
    [
        ({"discount": [{"exists": False}]}, False),
        ({"discount": [{"exists": False}, "none"]}, False),
        ({"discount": [{"exists": False}, 5]}, True),
        ({"discount": [{"exists": False}], "sku": ["A"]}, False),
        ({"sku": ["A"], "total": [{"exists": False}]}, True),
        ({"$or": [{"discount": [{"exists": False}]}, {"sku": ["C"]}]}, False),
        ({"$or": [{"discount": [{"exists": False}]}, {"sku": ["B"]}]}, True),
        ({"id": [{"exists": False}], "sku": ["B"]}, True),
    ],
    ids=json.dumps,
)
def test_missing_fields_in_arrays_of_objects_match_as_in_event_ruler(of_item: Json, matches: bool) -> None:
    assert _matches({"items": of_item}, ITEMS) == matches


@pytest.mark.parametrize(("present_first", "matches"), [("a", True), ("z", False)])
def test_field_before_the_missing_one_picks_the_element(present_first: str, matches: bool) -> None:
    pattern = {"items": {present_first: ["A"], "m": [{"exists": False}]}}

    assert _matches(pattern, {"items": [{present_first: "A"}, {present_first: "B", "m": 5}]}) == matches


def test_conditions_are_never_met_by_different_array_elements() -> None:
    pattern = {"$or": [{"a": {"x": [1]}}, {"b": [1]}], "a": {"y": [2]}}

    assert _matches(pattern, {"a": [{"x": 1, "y": 2}]})
    assert not _matches(pattern, {"a": [{"x": 1}, {"y": 2}]})


def test_path_inside_and_outside_of_or_must_match_both() -> None:
    pattern = {"$or": [{"a": [1]}, {"b": [1]}], "a": [2]}

    assert not _matches(pattern, {"a": 1})
    assert _matches(pattern, {"a": [1, 2]})


def test_field_exists_if_one_object_of_an_array_has_it() -> None:
    assert not _matches({"employees": {"left": [{"exists": False}]}}, EMPLOYEES)
    assert not _matches({"employees": {"homes": {"zip": [{"exists": False}]}}}, EMPLOYEES)
    assert _matches({"employees": {"right": [{"exists": False}]}}, EMPLOYEES)


@pytest.mark.parametrize("nothing", [[], [[]], {}, 5, "text", None, [1, 2]], ids=json.dumps)
def test_value_that_is_no_object_has_no_fields(nothing: Any) -> None:
    assert _matches({"a": {"b": [{"exists": False}]}}, {"a": nothing})
    assert not _matches({"a": {"b": [{"exists": True}]}}, {"a": nothing})


def test_nested_arrays_are_searched() -> None:
    assert _matches({"a": ["x"]}, {"a": [["y", ["x"]]]})
    assert _matches({"employees": {"firstName": ["Anna"]}}, {"employees": [[EMPLOYEES["employees"]]]})
    assert not _matches({"a": [{"exists": True}]}, {"a": [[], [[]]]})


def test_anything_but_needs_one_element_that_is_not_excluded() -> None:
    assert _matches({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]})
    assert not _matches({"a": [{"anything-but": "x"}]}, {"a": ["x", {"y": 1}]})


def test_value_or_missing_field_can_be_accepted_together() -> None:
    pattern = {"a": ["x", {"exists": False}]}

    assert [_matches(pattern, body) for body in ({"a": "x"}, {}, {"a": "y"})] == [True, True, False]


@pytest.mark.parametrize(
    ("wanted", "value"), [(True, 1), (1, True), (False, 0), (0, False), (None, 0), ("1", 1), (1, "1")], ids=json.dumps
)
def test_values_of_different_json_types_are_never_equal(wanted: Any, value: Any) -> None:
    assert not _matches({"a": [wanted]}, {"a": value})
    assert _matches({"a": [wanted]}, {"a": wanted})


def test_numbers_are_compared_exactly_by_value() -> None:
    assert _matches({"a": [300]}, json.loads('{"a": 3.0e2}'))
    assert _matches({"a": [10**20]}, {"a": 10**20})
    assert not _matches({"a": [10**20]}, {"a": 10**20 + 1})
    assert _matches({"a": [{"numeric": [">", 1e300]}]}, {"a": 10**4000})


def test_dot_in_a_field_name_is_part_of_the_name() -> None:
    assert _matches({"a.b": ["x"]}, {"a.b": "x"})
    assert not _matches({"a.b": ["x"]}, {"a": {"b": "x"}})


# ---- $or ----


def test_several_or_conditions_combine() -> None:
    pattern = {"$or": [{"a": [1]}, {"b": [1]}], "c": {"$or": [{"d": [1]}, {"$or": [{"e": [1]}, {"e": [2]}]}]}}

    assert _matches(pattern, {"a": 1, "c": {"d": 1}})
    assert _matches(pattern, {"b": 1, "c": {"e": 2}})
    assert not _matches(pattern, {"a": 2, "c": {"d": 1}})
    assert not _matches(pattern, {"a": 1, "c": {"e": 3}})


# ---- Wildcards ----


@pytest.mark.parametrize(
    ("wildcard", "matching", "others"),
    [
        ("*", ["", "x", "a*b"], []),
        ("", [""], ["x"]),
        ("a*", ["a", "ab"], ["ba", ""]),
        ("*a", ["a", "ba"], ["ab"]),
        ("a*a", ["aa", "aba"], ["a"]),
        ("a*b*c", ["abc", "a.b.b.c"], ["acb", "ac"]),
        ("*ab*b", ["abb"], ["ab"]),
        ("*ab*ab*", ["abab", "xabyabz"], ["aba", "ab"]),
        (r"a\*b", ["a*b"], ["aXb", r"a\*b"]),
        (r"a\\b", ["a\\b"], ["a\\\\b"]),
        (r"\**", ["*", "*x"], ["x"]),
        (r"*\*", ["*", "x*"], ["x"]),
        (r"\\*", ["\\", "\\x"], ["x"]),
        ("a*\n", ["a\n", "a\n\n"], ["a"]),
    ],
)
def test_wildcard_matches_with_escaped_characters(wildcard: str, matching: list[str], others: list[str]) -> None:
    pattern = {"a": [{"wildcard": wildcard}]}

    assert [text for text in matching if not _matches(pattern, {"a": text})] == []
    assert [text for text in others if _matches(pattern, {"a": text})] == []


# ---- Ordinals ----

SEVERITIES = ["minor", "major", "critical"]


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("=", ["major"]),
        ("<", ["minor"]),
        ("<=", ["minor", "major"]),
        (">", ["critical"]),
        (">=", ["major", "critical"]),
    ],
)
def test_words_are_compared_by_the_order_of_their_field(sign: str, words: list[str]) -> None:
    pattern = {"entity": {"severity": [{"ordinal": [sign, "major"]}]}}
    orders = {"entity.severity": SEVERITIES}

    matching = [
        word for word in [*SEVERITIES, "unknown"] if _matches(pattern, {"entity": {"severity": word}}, **orders)
    ]
    assert matching == words
    assert _matches(pattern, {"entity": {"severity": ["unknown", words[0]]}}, **orders)


@pytest.mark.parametrize(
    ("word", "value", "orders"),
    [
        ("major", "critical", {}),
        ("major", "critical", {"severity": SEVERITIES}),
        ("unknown", "critical", {"entity.severity": SEVERITIES}),
        ("major", 3, {"entity.severity": SEVERITIES}),
        ("major", None, {"entity.severity": SEVERITIES}),
    ],
    ids=["no order", "another field's order", "word that is not in it", "number", "null"],
)
def test_value_without_a_place_in_the_order_does_not_match(word: str, value: Any, orders: dict[str, list[str]]) -> None:
    pattern = {"entity": {"severity": [{"ordinal": [">=", word]}]}}

    assert not _matches(pattern, {"entity": {"severity": value}}, **orders)


def test_order_of_a_field_inside_arrays_and_or_is_found_by_its_path() -> None:
    pattern = {"entity": {"$or": [{"alarms": {"severity": [{"ordinal": [">", "major"]}]}}, {"x": [1]}]}}
    orders = {"entity.alarms.severity": SEVERITIES}

    assert _matches(pattern, {"entity": {"alarms": [{"severity": "minor"}, {"severity": "critical"}]}}, **orders)
    assert not _matches(pattern, {"entity": {"alarms": [{"severity": "minor"}]}}, **orders)


def test_filter_reports_whether_it_uses_orders() -> None:
    assert _read({"a": [1, {"ordinal": [">", "x"]}]}).uses_ordinal
    assert _read({"a": {"$or": [{"b": [1]}, {"c": [{"ordinal": [">", "x"]}]}]}}).uses_ordinal
    assert not _read({"ordinal": [1], "a": [{"prefix": "ordinal"}]}).uses_ordinal


# ---- Invalid filters ----

WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([], ""),
    "null": (None, ""),
    "empty": ({}, ""),
    "empty object in it": ({"a": {}}, "/a"),
    "bare value": ({"a": "x"}, "/a"),
    "operator without its array": ({"a": {"prefix": "x"}}, "/a/prefix"),
    "no alternatives": ({"a": []}, "/a"),
    "array in an array": ({"a": [["x"]]}, "/a/0"),
    "unknown operator": ({"a": ["x", {"contains": "x"}]}, "/a/1/contains"),
    "two operators": ({"a": [{"prefix": "x", "suffix": "y"}]}, "/a/0"),
    "no operator": ({"a": [{}]}, "/a/0"),
    "infinite number": ({"a": [json.loads("1e999")]}, "/a/0"),
    "number beyond doubles": ({"a": [10**400]}, "/a/0"),
    "name to be escaped": ({"a/b": {"c~d": [{"prefix": 1}]}}, "/a~1b/c~0d/0/prefix"),
    "exists is no boolean": ({"a": [{"exists": "true"}]}, "/a/0"),
    "exists with another": ({"a": [{"exists": True, "prefix": "x"}]}, "/a/0"),
    "$or is no array": ({"$or": {"a": [1]}}, "/$or"),
    "$or of one": ({"$or": [{"a": [1]}]}, "/$or"),
    "$or of values": ({"$or": [{"a": [1]}, 5]}, "/$or/1"),
    "$or of nothing": ({"$or": [{"a": [1]}, {}]}, "/$or/1"),
    "prefix is a number": ({"a": [{"prefix": 1}]}, "/a/0/prefix"),
    "prefix of another kind": ({"a": [{"prefix": {"ignore": "x"}}]}, "/a/0/prefix"),
    "prefix ignoring case is a number": ({"a": [{"prefix": {"equals-ignore-case": 1}}]}, "/a/0/prefix"),
    "suffix is null": ({"a": [{"suffix": None}]}, "/a/0/suffix"),
    "suffix is a list": ({"a": [{"suffix": ["x"]}]}, "/a/0/suffix"),
    "equals-ignore-case is a number": ({"a": [{"equals-ignore-case": 1}]}, "/a/0/equals-ignore-case"),
    "wildcard is a number": ({"a": [{"wildcard": 1}]}, "/a/0/wildcard"),
    "two stars": ({"a": [{"wildcard": "a**b"}]}, "/a/0/wildcard"),
    "letter escaped": ({"a": [{"wildcard": r"a\b"}]}, "/a/0/wildcard"),
    "backslash at the end": ({"a": [{"wildcard": "a\\"}]}, "/a/0/wildcard"),
    "numeric is no array": ({"a": [{"numeric": 5}]}, "/a/0/numeric"),
    "numeric of one": ({"a": [{"numeric": [">"]}]}, "/a/0/numeric"),
    "numeric of three": ({"a": [{"numeric": [">", 1, "<"]}]}, "/a/0/numeric"),
    "numeric of six": ({"a": [{"numeric": [">", 1, "<", 5, "<", 4]}]}, "/a/0/numeric"),
    "unknown comparison": ({"a": [{"numeric": ["!=", 1]}]}, "/a/0/numeric"),
    "comparison is an array": ({"a": [{"numeric": [[">"], 1]}]}, "/a/0/numeric"),
    "bound is text": ({"a": [{"numeric": [">", "1"]}]}, "/a/0/numeric"),
    "bound is true": ({"a": [{"numeric": [">", True]}]}, "/a/0/numeric"),
    "bound is infinite": ({"a": [{"numeric": [">", json.loads("1e999")]}]}, "/a/0/numeric"),
    "two lower bounds": ({"a": [{"numeric": [">", 1, ">=", 2]}]}, "/a/0/numeric"),
    "equal and a bound": ({"a": [{"numeric": ["=", 1, "<", 2]}]}, "/a/0/numeric"),
    "bounds that cross": ({"a": [{"numeric": [">", 5, "<", 5]}]}, "/a/0/numeric"),
    "cidr is a number": ({"a": [{"cidr": 10}]}, "/a/0/cidr"),
    "cidr is an address": ({"a": [{"cidr": "10.0.0.1"}]}, "/a/0/cidr"),
    "cidr with a mask": ({"a": [{"cidr": "10.0.0.0/255.0.0.0"}]}, "/a/0/cidr"),
    "cidr too long": ({"a": [{"cidr": "10.0.0.0/33"}]}, "/a/0/cidr"),
    "cidr of a name": ({"a": [{"cidr": "example.com/24"}]}, "/a/0/cidr"),
    "ordinal is a word": ({"a": [{"ordinal": "major"}]}, "/a/0/ordinal"),
    "ordinal of a number": ({"a": [{"ordinal": [">", 1]}]}, "/a/0/ordinal"),
    "ordinal without comparison": ({"a": [{"ordinal": ["major", ">"]}]}, "/a/0/ordinal"),
    "ordinal with an object": ({"a": [{"ordinal": [{}, "major"]}]}, "/a/0/ordinal"),
    "anything-but null": ({"a": [{"anything-but": None}]}, "/a/0/anything-but"),
    "anything-but true": ({"a": [{"anything-but": True}]}, "/a/0/anything-but"),
    "anything-but nothing": ({"a": [{"anything-but": []}]}, "/a/0/anything-but"),
    "anything-but text and numbers": ({"a": [{"anything-but": ["x", 1]}]}, "/a/0/anything-but"),
    "anything-but a list of objects": ({"a": [{"anything-but": [{"prefix": "x"}]}]}, "/a/0/anything-but"),
    "anything-but infinity": ({"a": [{"anything-but": [1, json.loads("1e999")]}]}, "/a/0/anything-but/1"),
    "anything-but numeric": ({"a": [{"anything-but": {"numeric": [">", 1]}}]}, "/a/0/anything-but/numeric"),
    "anything-but two operators": ({"a": [{"anything-but": {"prefix": "a", "suffix": "b"}}]}, "/a/0/anything-but"),
    "anything-but prefix number": ({"a": [{"anything-but": {"prefix": 1}}]}, "/a/0/anything-but/prefix"),
    "anything-but all text": ({"a": [{"anything-but": {"prefix": ""}}]}, "/a/0/anything-but/prefix"),
    "anything-but all text in a list": ({"a": [{"anything-but": {"suffix": ["x", ""]}}]}, "/a/0/anything-but/suffix/1"),
    "anything-but two stars": ({"a": [{"anything-but": {"wildcard": ["x", "**"]}}]}, "/a/0/anything-but/wildcard/1"),
}


@pytest.mark.parametrize("flaw", WRONG)
def test_invalid_filter_is_refused_with_the_position_of_the_error(flaw: str) -> None:
    document, pointer = WRONG[flaw]
    refused = _refusal(document)

    assert refused.pointer == pointer
    assert refused.detail.endswith(".")


# ---- Limits ----


def _of_size(size: int) -> Json:
    return {"a": ["x" * (size - len('{"a":[""]}'))]}


def test_filter_has_at_most_4_kib() -> None:
    _read(_of_size(MAX_BYTES))
    assert _refusal(_of_size(MAX_BYTES + 1)).pointer == ""


def _deep(levels: int) -> Json:
    pattern: Json = {"a": [1]}
    for _ in range(levels - 1):
        pattern = {"a": pattern}
    return pattern


def test_filter_has_at_most_ten_levels_of_fields() -> None:
    _read(_deep(MAX_DEPTH))
    assert _refusal(_deep(MAX_DEPTH + 1)).pointer == "/a" * MAX_DEPTH


def test_or_does_not_count_as_a_level() -> None:
    pattern = _deep(MAX_DEPTH)
    for _ in range(20):
        pattern = {"$or": [{"b": [1]}, pattern]}

    _read(pattern)


@pytest.mark.parametrize(
    "document",
    [
        lambda count: {"a": list(range(count))},
        lambda count: {"a": list(range(count - 1)), "b": [{"exists": False}]},
        lambda count: {"$or": [{"a": [1]}, {"b": list(range(count - 3))}]},
    ],
    ids=["one field", "two fields", "$or"],
)
def test_filter_has_at_most_100_conditions(document: Any) -> None:
    _read(document(MAX_CONDITIONS))
    assert "100" in _refusal(document(MAX_CONDITIONS + 1)).detail


def _choices(name: str, count: int, **others: Any) -> Json:
    return {"$or": [{f"{name}{number}": [1]} for number in range(count)], **others}


def test_or_creates_at_most_1000_combinations() -> None:
    _read(_choices("a", 10, x=_choices("b", 10, y=_choices("c", 10))))
    assert len(_read(_choices("a", 10, x=_choices("b", 10, y=_choices("c", 10)))).combinations) == MAX_COMBINATIONS
    refused = _refusal({"u": _choices("a", 10, x=_choices("b", 10, y=_choices("c", 11)))})
    assert refused.pointer == "/u"
    assert str(MAX_COMBINATIONS) in refused.detail


def test_anything_but_has_at_most_100_values() -> None:
    _read({"a": [{"anything-but": list(range(MAX_CONDITIONS))}]})
    assert _refusal({"a": [{"anything-but": list(range(MAX_CONDITIONS + 1))}]}).pointer == "/a/0/anything-but"


# ---- The cost of matching ----


def _cost(pattern: Json, body: Json) -> int:
    work = Work(10**9)
    _read(pattern).matches(body, {}, work)
    return 10**9 - work.left


@pytest.mark.parametrize("shape", ["values", "objects", "either", "nested arrays"])
def test_work_grows_with_values_times_conditions(shape: str) -> None:
    def cost(conditions: int, values: int) -> int:
        never = [{"prefix": f"never {number}"} for number in range(conditions)]
        texts = ["value"] * values
        match shape:
            case "values":
                return _cost({"a": never}, {"a": texts})
            case "objects":
                return _cost({"a": {"b": {"c": never}}}, {"a": {"b": [{"c": text} for text in texts]}})
            case "either":
                return _cost({"a": {"$or": [{"c": never}, {"d": [1]}]}}, {"a": [{"c": text} for text in texts]})
            case _:
                return _cost({"a": {"b": {"c": never}}}, {"a": [{"b": [[{"c": [text]}]]} for text in texts]})

    assert 900 <= cost(9, 100) <= 2000
    assert cost(90, 1000) - cost(80, 1000) == 10 * 1000
    assert cost(9, 1000) <= 10 * cost(9, 100)


@pytest.mark.parametrize("operator", [None, "anything-but"])
@pytest.mark.parametrize("kind", [str, int])
def test_exact_values_cost_the_same_for_any_number_of_them(operator: str | None, kind: type) -> None:
    def cost(count: int) -> int:
        listed = [kind(number) for number in range(1, count + 1)]
        return _cost({"a": listed if operator is None else [{operator: listed}]}, {"a": [kind(0)] * 100})

    assert cost(100) == cost(1) <= 400


ZEROS = {"a": [0] * 30_000}
LONG = {"a": "a" * 60_000}
DEEP = json.loads('{"a":' * 900 + "[0]" + "}" * 900)
PAIRS = {name: [{"x": 1, "y": number} for number in range(500)] for name in "abcdefgh"}
SHORT_PREFIXES = [{"prefix": f"{number}"} for number in range(100)]


@pytest.mark.parametrize(
    ("pattern", "body", "is_too_expensive"),
    [
        ({"a": [1]}, ZEROS, False),
        ({"a": [{"anything-but": list(range(100))}]}, ZEROS, False),
        ({"a": [{"numeric": [">", number, "<", number + 1]} for number in range(1, 60)]}, ZEROS, True),
        ({"a": SHORT_PREFIXES}, {"a": [0] * 2030}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": [[[]] * 30_000]}, False),
        ({"a": [{"wildcard": "*" + "a*" * 1000 + "b*"}]}, LONG, False),
        ({"a": [{"wildcard": f"*{'a' * 20}b{number}*"} for number in range(90)]}, LONG, True),
        ({"a": [{"equals-ignore-case": f"A{number}"} for number in range(90)]}, LONG, True),
        ({"a": [{"cidr": f"10.0.{number}.0/24"} for number in range(90)]}, {"a": ["10.9.9.9"] * 2000}, True),
        (_choices("a", 10, x=_choices("b", 10, y=_choices("c", 10))), {"x": {"y": {}}}, False),
        (_choices("z", 40, a=[1]), ZEROS, True),
        ({"a": {"a": {"a": {"a": {"a": {"a": {"a": [0]}}}}}}}, DEEP, False),
        ({name: {"x": [1], "y": [499]} for name in "abcdefgh"}, PAIRS, False),
        ({name: {"x": [1], "y": [500]} for name in "abcdefgh"}, PAIRS, False),
    ],
)
def test_expensive_filters_stop_at_the_limit(pattern: Json, body: Json, is_too_expensive: bool) -> None:
    wanted = _read(pattern)
    if is_too_expensive:
        with pytest.raises(FilterTooExpensiveError):
            wanted.matches(body, {})
    else:
        wanted.matches(body, {})
