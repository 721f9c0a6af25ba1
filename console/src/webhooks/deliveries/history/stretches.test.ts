import { expect, test } from "vitest";
import type { Attempt } from "../../../api/schema";
import { allAttempts, failedAttempts } from "./stretches";

const attempts = (count: number, failedOf: (number: number) => boolean, first = 0): Attempt[] =>
  Array.from({ length: count }, (_, number) => ({
    id: `${first + number}`,
    status: failedOf(first + number) ? "failed" : "success",
    createdAt: `2026-03-04T12:00:00.${String(999 - first - number).padStart(3, "0")}Z`,
  })) as unknown as Attempt[];

/** An API with `total` attempts; what it was asked is in `asked`. */
function history(total: number, isFailed: (number: number) => boolean) {
  const asked: { limit: number; cursor?: string }[] = [];
  const fetchPage = async (query: { limit: number; cursor?: string }) => {
    asked.push(query);
    const from = Number(query.cursor ?? 0);
    const count = Math.min(query.limit, total - from);
    return { data: attempts(count, isFailed, from), nextCursor: from + count < total ? `${from + count}` : null };
  };
  return { asked, fetchPage };
}

test("all attempts are the API's page", async () => {
  const { fetchPage } = history(70, () => true);
  const page = await allAttempts(fetchPage, {});
  expect(page.data[0]?.attempts).toHaveLength(50);
  expect(page.nextCursor).toBe("50");
});

test("failed attempts are looked for until there are enough, and the next page goes on there", async () => {
  const { asked, fetchPage } = history(1000, (number) => number % 10 === 0);
  const page = await failedAttempts(fetchPage, {});
  expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, "100", "200"]);
  expect(page.data[0]?.attempts.map(({ id }) => id).slice(0, 3)).toEqual(["0", "10", "20"]);
  expect(page.data[0]).toMatchObject({ examined: 300 });
  expect(page.nextCursor).toBe("300");
});

test("looking ends after ten requests, says how far it got, and can go on from there", async () => {
  const { asked, fetchPage } = history(5000, () => false);
  const page = await failedAttempts(fetchPage, { cursor: "100" });
  expect(asked).toHaveLength(10);
  expect(page.data[0]).toMatchObject({ attempts: [], examined: 1000 });
  expect(page.nextCursor).toBe("1100");
});

test("the end of the history ends it", async () => {
  const { asked, fetchPage } = history(130, (number) => number === 129);
  const page = await failedAttempts(fetchPage, {});
  expect(asked).toHaveLength(2);
  expect(page.data[0]).toMatchObject({ examined: 130, backTo: "2026-03-04T12:00:00.870Z" });
  expect(page.nextCursor).toBeNull();
});

test("nothing at all is nothing", async () => {
  const { fetchPage } = history(0, () => false);
  expect((await failedAttempts(fetchPage, {})).data).toEqual([{ attempts: [], examined: 0, backTo: null }]);
});
