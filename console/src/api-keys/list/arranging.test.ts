import { expect, test } from "vitest";
import { aKey } from "../testing";
import { arranged, counted, publicSearch } from "./arranging";

const keys = [
  aKey({ name: "Beta 10", prefix: "lh_live_AAAA", requestCount: 5, lastUsedAt: null, expiresAt: null }),
  aKey({ name: "beta 9", requestCount: 7, lastUsedAt: "2026-03-04T00:00:00Z", expiresAt: "2027-01-01T00:00:00Z" }),
  aKey({ name: "Alpha", status: "revoked", lastUsedAt: "2026-05-04T00:00:00Z", expiresAt: "2026-12-01T00:00:00Z" }),
];
const names = (arrangement: Partial<Parameters<typeof arranged>[1]>) =>
  arranged(keys, { status: "", search: "", sort: "newest", query: {}, ...arrangement }).map(({ name }) => name);

test.each([
  ["newest", ["Beta 10", "beta 9", "Alpha"]],
  ["oldest", ["Alpha", "beta 9", "Beta 10"]],
  ["name", ["Alpha", "beta 9", "Beta 10"]],
  ["-name", ["Beta 10", "beta 9", "Alpha"]],
  ["-used", ["Alpha", "beta 9", "Beta 10"]],
  ["used", ["Beta 10", "beta 9", "Alpha"]],
  ["-requests", ["beta 9", "Beta 10", "Alpha"]],
  ["expires", ["Alpha", "beta 9", "Beta 10"]],
] as const)("in the order %s", (sort, expected) => {
  expect(names({ sort })).toEqual(expected);
  expect(keys[0]?.name).toBe("Beta 10"); // what was given stays as it is
});

test("search looks at names in any case, and at the first characters exactly, as the API does", () => {
  expect(names({ search: "BETA" })).toEqual(["Beta 10", "beta 9"]);
  expect(names({ search: "live_AA" })).toEqual(["Beta 10"]);
  expect(names({ search: "live_aa" })).toEqual([]);
  expect(names({ search: "beta", status: "revoked" })).toEqual([]);
});

test("statuses are counted", () => {
  expect(counted(keys)).toEqual({ active: 2, disabled: 0, expired: 0, revoked: 1 });
});

test("of a key that was pasted whole, nothing secret is searched for", () => {
  expect(publicSearch("lh_live_AAAAsecretsecret", "lh_live_")).toBe("lh_live_AAAA");
  expect(publicSearch("Warehouse", "lh_live_")).toBe("Warehouse");
});
