import { expect, test } from "vitest";
import { failedHeight } from "./HealthStrip";

test("an hour's bar is red as far as it failed", () => {
  expect(failedHeight(10, 0)).toBe(0);
  expect(failedHeight(10, 5)).toBe(12);
  expect(failedHeight(10, 10)).toBe(24);
});

test("one failure among thousands is seen, and so is one success", () => {
  expect(failedHeight(10_000, 1)).toBe(6);
  expect(failedHeight(10_000, 9_999)).toBe(18);
});
