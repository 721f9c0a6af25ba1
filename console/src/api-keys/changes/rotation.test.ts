import { expect, test } from "vitest";
import { graces, isInUse, rotatedWords, rotationWords } from "./rotation";

const now = new Date("2026-03-04T12:00:00Z");

test("a key that was used within the last day is in use", () => {
  expect(isInUse({ lastUsedAt: "2026-03-03T12:00:01Z" }, now)).toBe(true);
  expect(isInUse({ lastUsedAt: "2026-03-03T12:00:00Z" }, now)).toBe(false);
  expect(isInUse({ lastUsedAt: null }, now)).toBe(false);
});

test("the deployment's own grace is among the choices", () => {
  expect(graces(300).map(({ label }) => label)).toEqual([
    "None: end the old one at once",
    "5 minutes (default)",
    "1 hour",
    "1 day",
    "7 days",
  ]);
  expect(graces(90)).toContainEqual({ value: "90", label: "90 seconds (default)" });
});

test("what becomes of both secrets is said with the time", () => {
  expect(rotationWords({ expiresAt: null }, 0, now)).toContain("refused from the same moment");
  expect(rotationWords({ expiresAt: null }, 3600, now)).toContain("works until Mar 4, 2026, 02:00:00 PM");
  expect(rotationWords({ expiresAt: "2026-03-04T12:30:00Z" }, 3600, now)).toContain(
    "expires, Mar 4, 2026, 01:30:00 PM",
  );
  expect(rotatedWords("2026-03-04T13:00:00Z")).toContain("until Mar 4, 2026, 02:00:00 PM");
  expect(rotatedWords(null)).toContain("refused already");
});
