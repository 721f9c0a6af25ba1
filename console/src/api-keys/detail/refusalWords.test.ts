import { expect, test } from "vitest";
import { refusedByCode } from "./refusalWords";

test("refusals are counted over all days, the most often first; a code that is new is shown as it is", () => {
  const day = (refused: Record<string, number>) => ({ day: "2026-03-04", requests: 0, refused });
  const data = [day({ DISABLED: 1, RATE_LIMITED: 2 }), day({ RATE_LIMITED: 3 }), day({ NEW_CODE: 2 })];
  expect(refusedByCode({ data }).map(({ words, count }) => [words, count])).toEqual([
    ["Over the rate limit", 5],
    ["NEW_CODE", 2],
    ["Disabled", 1],
  ]);
});
