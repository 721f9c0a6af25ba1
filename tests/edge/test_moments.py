"""RFC 3339 times and their values in UTC."""

from datetime import UTC, datetime

import pytest

from latchhook.edge.moments import MAX_FRACTION_DIGITS, parse_moment, utc_text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-20T00:00:00Z", datetime(2027, 1, 20, tzinfo=UTC)),
        ("2027-01-20t00:00:00z", datetime(2027, 1, 20, tzinfo=UTC)),
        ("2027-01-20T00:00:00-00:00", datetime(2027, 1, 20, tzinfo=UTC)),
        ("2027-01-20T00:00:00+23:59", datetime(2027, 1, 19, 0, 1, tzinfo=UTC)),
        ("2027-01-20T00:00:00-23:59", datetime(2027, 1, 20, 23, 59, tzinfo=UTC)),
        ("2028-02-29T12:00:00.5+05:30", datetime(2028, 2, 29, 6, 30, 0, 500_000, tzinfo=UTC)),
        ("2027-01-20T00:00:00.123456789123Z", datetime(2027, 1, 20, 0, 0, 0, 123_456, tzinfo=UTC)),
        ("2027-01-20T00:00:00.0000009Z", datetime(2027, 1, 20, tzinfo=UTC)),
    ],
)
def test_rfc_3339_time_is_read(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-20T00:00:00+02:99",
        "2027-01-20T00:00:00+02:60",
        "2027-01-20T00:00:00+25:00",
        "2027-01-20T00:00:00-24:00",
        "2027-01-20T00:00:00+0200",
        "2027-01-20T00:00:00+02",
        "2027-01-20T00:00:00+02:00:00",
        "2027-01-20T00:00:00\u221202:00",
        "2027-01-20T24:00:00Z",
        "2027-01-20T00:60:00Z",
        "2027-01-20T00:00:61Z",
        "2027-01-20T00:00Z",
        "2027-01-20T00:00:00.Z",
        "2027-01-20T00:00:00,5Z",
        "2027-01-20T00:00:00",
        "2027-01-20 00:00:00Z",
        "2027-1-20T00:00:00Z",
        "2027-W03-3T00:00:00Z",
        "+2027-01-20T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        " 2027-01-20T00:00:00Z",
        "2027-01-20T00:00:00Z\n",
        "2027-01-20T00:00:00." + "1" * (MAX_FRACTION_DIGITS + 1) + "Z",
        "",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    for read in (parse_moment, utc_text):
        with pytest.raises(ValueError, match=r"^(Must be an RFC 3339 time|This time does not exist)"):
            read(text)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2015-06-30T23:59:60.25Z", datetime(2015, 7, 1, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
        ("2017-01-01T01:59:60+02:00", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_leap_second_is_the_first_second_of_the_next_day(text: str, after: datetime) -> None:
    assert parse_moment(text) == after


@pytest.mark.parametrize(
    "text",
    ["2027-01-20T00:00:60Z", "2016-12-31T23:58:60Z", "2016-11-30T23:59:60Z", "2016-12-31T23:59:60+01:00",
     "9999-12-31T23:59:60Z"],
)  # fmt: skip
def test_impossible_leap_second_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="This time does not exist"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("2027-01-20T00:00:00Z", "2027-01-20T00:00:00Z"),
        ("2027-01-20t02:00:00.100+02:00", "2027-01-20T00:00:00.100Z"),
        ("2027-01-20T00:00:00.0Z", "2027-01-20T00:00:00.0Z"),
        ("2027-01-19T23:30:00.123456789-00:30", "2027-01-20T00:00:00.123456789Z"),
        ("2027-01-20T00:00:00." + "9" * MAX_FRACTION_DIGITS + "z", "2027-01-20T00:00:00." + "9" * 30 + "Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00Z"),
    ],
)
def test_utc_text_keeps_the_digits(text: str, normal: str) -> None:
    assert utc_text(text) == normal
