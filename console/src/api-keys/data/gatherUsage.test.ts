import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createUsageLoader, MOST_IDS } from "./gatherUsage";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const used = (keyId: string) => ({ keyId, name: "", prefix: "", requests: 1, data: [] });
const here = () => new AbortController().signal;

test("what is asked for at about the same time is one request", async () => {
  const asked: string[][] = [];
  const load = createUsageLoader(async (ids) => {
    asked.push(ids);
    return ids.filter((id) => id !== "gone").map(used);
  });
  const answers = Promise.all([load("a", here()), load("b", here()), load("gone", here())]);
  await vi.runAllTimersAsync();
  expect(await answers).toEqual([used("a"), used("b"), null]);
  expect(asked).toEqual([["a", "b", "gone"]]);
});

test("no request asks for more than the API takes, nor for what is off the screen", async () => {
  const asked: string[][] = [];
  const load = createUsageLoader(async (ids) => {
    asked.push(ids);
    return ids.map(used);
  });
  const left = new AbortController();
  const gone = load("gone", left.signal);
  const rest = Array.from({ length: MOST_IDS + 1 }, (_, number) => load(String(number), here()));
  left.abort();
  const refused = expect(gone).rejects.toThrow();
  await vi.runAllTimersAsync();
  await Promise.all([refused, ...rest]);
  expect(asked.map((ids) => ids.length)).toEqual([MOST_IDS, 1]);
});

test("a failure is everybody's who asked", async () => {
  const load = createUsageLoader(() => Promise.reject(new Error("503")));
  const both = Promise.allSettled([load("a", here()), load("b", here())]);
  await vi.runAllTimersAsync();
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
