import { expect, test } from "vitest";
import type { Recovery } from "../../../api/schema";
import { choices, OFFERED, OWN, ownProblem, sinceOf } from "./since";
import { countWords, progressOf } from "./words";

const now = new Date("2026-03-04T12:00:00Z");

test.each([
  ["1", "", "2026-03-04T11:00:00.000Z"],
  ["168", "", "2026-02-25T12:00:00.000Z"],
  [OFFERED, "", "2026-03-01T00:00:00Z"],
  [OWN, "2026-03-04T10:30", "2026-03-04T09:30:00.000Z"], // the reader is in Berlin
  [OWN, "", null],
])("%s %s is since %s", (choice, own, since) => {
  expect(sinceOf(choice, own, "2026-03-01T00:00:00Z", now)).toBe(since);
});

test("a time of one's own is over, and written", () => {
  expect(ownProblem("2026-03-04T12:59", now)).toBeNull();
  expect(ownProblem("2026-03-04T13:01", now)).toMatch("over");
  expect(ownProblem("", now)).toMatch("Choose a day");
});

test("what the API offers stands first, where it offers something", () => {
  expect(choices("2026-03-01T00:00:00Z", () => "Mar 1")[0]).toEqual({
    value: OFFERED,
    label: "Before it failed: Mar 1",
  });
  expect(choices(null, () => "")[0]?.value).toBe("1");
});

const recovery = (fields: Partial<Recovery>): Recovery =>
  ({
    status: "running",
    since: "2026-03-01T00:00:00Z",
    until: "2026-03-05T00:00:00Z",
    reachedAt: "2026-03-02T00:00:00Z",
    only: "failed",
    lookingFor: "failed",
    ...fields,
  }) as Recovery;

test.each([
  [recovery({}), 0.25],
  [recovery({ only: null }), 0.125],
  [recovery({ only: null, lookingFor: "missing" }), 0.625],
  [recovery({ reachedAt: null }), 0],
  [recovery({ reachedAt: "2026-02-01T00:00:00Z" }), 0],
  [recovery({ since: "2026-03-05T00:00:00Z" }), 0],
  [recovery({ status: "finished", reachedAt: null }), 1],
])("progress goes over the time once for each kind", (given, share) => {
  expect(progressOf(given)).toBe(share);
});

test("what was left out is said where there is any", () => {
  expect(countWords(recovery({ examined: 2400, sent: 800, skipped: 0 }))).toBe("800 sent again · 2,400 looked at");
  expect(countWords(recovery({ examined: 3, sent: 1, skipped: 2 }))).toMatch("2 not kept any more");
});
