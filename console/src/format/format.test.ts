import { expect, test } from "vitest";
import { durationWords } from "./durations";
import { comparable } from "./names";
import { formatDuration, formatShare } from "./numbers";
import { formatCalendarDay, formatRelativeTime } from "./times";

const now = new Date("2026-03-04T12:00:00Z");

test.each([
  ["2026-03-04T12:00:00Z", "just now"],
  ["2026-03-04T11:59:01Z", "just now"],
  ["2026-03-04T12:00:30Z", "in a moment"],
  ["2026-03-04T11:59:00Z", "1 minute ago"],
  ["2026-03-04T11:58:31Z", "1 minute ago"],
  ["2026-03-04T11:58:30Z", "2 minutes ago"],
  ["2026-03-04T11:00:31Z", "59 minutes ago"],
  ["2026-03-04T11:00:30Z", "1 hour ago"],
  ["2026-03-04T09:00:00Z", "3 hours ago"],
  ["2026-03-03T12:30:01Z", "23 hours ago"],
  ["2026-03-03T12:30:00Z", "yesterday"],
  ["2026-03-03T12:00:00Z", "yesterday"],
  ["2026-03-06T12:00:00Z", "in 2 days"],
  ["2026-03-10T12:00:00Z", "in 6 days"],
  ["2026-02-23T12:00:00Z", "last week"],
  ["2026-02-20T12:00:00Z", "2 weeks ago"],
  ["2026-04-03T12:00:00Z", "next month"],
  ["2026-06-02T11:59:58Z", "in 3 months"],
  ["2025-12-01T12:00:00Z", "3 months ago"],
  ["2024-03-04T12:00:00Z", "2 years ago"],
])("%s is %s", (time, words) => {
  expect(formatRelativeTime(time, now)).toBe(words);
});

test("a day of the statistics is the same in every zone", () => {
  expect(formatCalendarDay("2026-03-04")).toBe("Mar 4");
});

test.each([
  [1, "100%"],
  [0.99999, "99.9%"],
  [0.5, "50%"],
  [0.00001, "0.1%"],
  [0, "0%"],
])("a share of %d is %s", (share, words) => {
  expect(formatShare(share)).toBe(words);
});

test.each([
  [0.4, "0 ms"],
  [999, "999 ms"],
  [1250, "1.25 s"],
])("%d ms is %s", (milliseconds, words) => {
  expect(formatDuration(milliseconds)).toBe(words);
});

test("durations are in the largest unit that fits", () => {
  expect([60, 3600, 86_400, 172_800, 90, 1].map(durationWords)).toEqual([
    "1 minute",
    "1 hour",
    "1 day",
    "2 days",
    "90 seconds",
    "1 second",
  ]);
});

test.each([
  ["Caf\u00e9", "CAFE\u0301"],
  ["Stra\u00dfe", "STRASSE"],
  ["\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"],
])("%s and %s are the same name", (name, same) => {
  expect(comparable(name)).toBe(comparable(same));
});

test("a letter without its accent is another letter", () => {
  expect(comparable("cafe")).not.toBe(comparable("caf\u00e9"));
});
