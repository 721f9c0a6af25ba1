import { expect, test } from "vitest";
import type { ApiKey, UsedKey } from "../api/schema";
import { expiring, mostUsed, totalByDay, unused } from "./counting";

const now = new Date("2026-05-26T12:00:00Z");

function used(name: string, ...requests: number[]): UsedKey {
  const data = requests.map((count, index) => ({ day: `2026-05-${24 + index}`, requests: count }));
  return { keyId: name, name, prefix: "lh_live_5wZw", requests: requests.reduce((sum, each) => sum + each, 0), data };
}

function key(name: string, fields: Partial<ApiKey>): ApiKey {
  const defaults = { status: "active", createdAt: "2025-01-01T00:00:00Z", lastUsedAt: null, expiresAt: null };
  return { id: name, name, ...defaults, ...fields } as ApiKey;
}

const names = (keys: { name: string }[]) => keys.map(({ name }) => name);

test("days add up over all keys, and days without requests stay", () => {
  expect(totalByDay([used("a", 1, 0, 3), used("b", 4, 0, 0)])).toEqual([
    { day: "2026-05-24", values: [5] },
    { day: "2026-05-25", values: [0] },
    { day: "2026-05-26", values: [3] },
  ]);
  expect(totalByDay([])).toEqual([]);
});

test("keys without requests aren't among the most used", () => {
  expect(names(mostUsed([used("none", 0), used("few", 1), used("many", 9)]))).toEqual(["many", "few"]);
});

test("a key is unused when it was neither used nor created within the days", () => {
  const keys = [
    key("never", {}),
    key("long ago", { lastUsedAt: "2026-04-26T11:59:59Z" }),
    key("just within", { lastUsedAt: "2026-04-26T12:00:00Z" }),
    key("new", { createdAt: "2026-05-01T00:00:00Z" }),
    key("disabled", { status: "disabled", lastUsedAt: "2025-06-01T00:00:00Z" }),
    key("revoked", { status: "revoked" }),
    key("expired", { status: "expired" }),
  ];
  expect(names(unused(keys, 30, now))).toEqual(["never", "disabled", "long ago"]);
  expect(names(unused(keys, 90, now))).toEqual(["never", "disabled"]);
});

test("keys that work and end within the days, the soonest first", () => {
  const keys = [
    key("never", {}),
    key("later", { expiresAt: "2026-06-25T12:00:00Z" }),
    key("last", { expiresAt: "2026-06-25T11:59:59Z" }),
    key("first", { expiresAt: "2026-05-27T00:00:00Z" }),
    key("disabled", { status: "disabled", expiresAt: "2026-05-27T00:00:00Z" }),
  ];
  expect(names(expiring(keys, 30, now))).toEqual(["first", "last"]);
});
