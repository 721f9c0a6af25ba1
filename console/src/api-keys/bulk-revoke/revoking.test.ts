import { expect, test } from "vitest";
import type { BulkRevocation, Revocation } from "../../api/schema";
import { AT_ONCE, countOf, findKeys, keysWords, type Outcome, revokeKeys } from "./revoking";

function revocation(id: string, outcome: Revocation["outcome"] = "revoked"): Revocation {
  return { id, outcome, name: `Key ${id}`, prefix: "lh_live_5wZw" };
}

const never = async () => false;
const ids = Array.from({ length: AT_ONCE + 2 }, (_, number) => String(number));

test("the dry run goes on to the end of the account", async () => {
  const pages: Record<string, BulkRevocation> = {
    "": { dryRun: true, data: [revocation("1")], nextCursor: "a" },
    a: { dryRun: true, data: [], nextCursor: "b" },
    b: { dryRun: true, data: [revocation("2")], nextCursor: null },
  };
  const noted: number[] = [];
  const found = await findKeys(
    async (cursor) => pages[cursor ?? ""] as BulkRevocation,
    (count) => noted.push(count),
  );
  expect(found.map(({ id }) => id)).toEqual(["1", "2"]);
  expect(noted).toEqual([1, 1, 2]);
});

test("keys go some at a time, and one that is left out of the answer was kept or revoked before", async () => {
  const asked: number[] = [];
  const outcomes = await revokeKeys(
    ids,
    new Map(),
    async (some) => {
      asked.push(some.length);
      return some
        .filter((id) => id !== "1" && id !== "2")
        .map((id) => revocation(id, id === "0" ? "not_found" : "revoked"));
    },
    async (id) => id === "2",
    () => {},
  );
  expect(asked).toEqual([AT_ONCE, 2]);
  expect(outcomes.get("0")).toBe("not_found");
  expect(outcomes.get("1")).toBe("kept");
  expect(countOf(outcomes, "revoked")).toBe(AT_ONCE);
});

test("after an error, what was done stays known, and the rest alone is asked for again", async () => {
  let known: ReadonlyMap<string, Outcome> = new Map();
  const note = (outcomes: ReadonlyMap<string, Outcome>) => {
    known = outcomes;
  };
  const failing = async (some: string[]) => {
    if (some.length < AT_ONCE) throw new Error("503");
    return some.map((id) => revocation(id));
  };
  await expect(revokeKeys(ids, known, failing, never, note)).rejects.toThrow("503");
  expect(known.size).toBe(AT_ONCE);
  const again: string[][] = [];
  await revokeKeys(
    ids,
    known,
    async (some) => {
      again.push(some);
      return some.map((id) => revocation(id));
    },
    never,
    note,
  );
  expect(again).toEqual([ids.slice(AT_ONCE)]);
  expect(countOf(known, "revoked")).toBe(ids.length);
});

test("one key is one", () => {
  expect([keysWords(1), keysWords(1200)]).toEqual(["1 key", "1,200 keys"]);
});
