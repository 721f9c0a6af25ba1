import { expect, test } from "vitest";
import { readSchedule, scheduleText, scheduleWords } from "./schedule";

test("waits are written in the largest unit that fits, and read back", () => {
  const seconds = [5, 90, 300, 7200, 86_400];
  expect(scheduleText(seconds)).toBe("5 s, 90 s, 5 min, 2 h, 24 h");
  expect(readSchedule(scheduleText(seconds))).toEqual(seconds);
});

test("a schedule is a sentence's end", () => {
  expect(scheduleWords([5, 300, 7200])).toBe("5\u00a0s, 5\u00a0min and 2\u00a0h");
  expect(scheduleWords([60])).toBe("1\u00a0min");
  expect(scheduleWords([])).toBe("no wait: there is one attempt");
});

test("numbers alone are seconds, and nothing is no second attempt", () => {
  expect(readSchedule("5, 1m; 1d")).toEqual([5, 60, 86_400]);
  expect(readSchedule("  ")).toEqual([]);
});

test.each(["1,,2", "5 weeks", "0", "25 h", "-1"])("%s is no schedule", (text) => {
  expect(typeof readSchedule(text)).toBe("string");
});

test("ten waits are the most", () => {
  expect(readSchedule(Array(10).fill("1").join(","))).toHaveLength(10);
  expect(readSchedule(Array(11).fill("1").join(","))).toBe("There can be 10 waits at most.");
});
