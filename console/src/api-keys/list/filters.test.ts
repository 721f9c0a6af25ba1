import { expect, test } from "vitest";
import { aKey } from "../testing";
import { filterWords, type KeyFilters, matchesQuery, NO_FILTERS, queryOf } from "./filters";

const now = new Date("2026-06-01T12:00:00Z");
const query = (filters: Partial<KeyFilters>) => queryOf({ ...NO_FILTERS, ...filters }, now);

test("filters are the query of the API", () => {
  expect(query({})).toEqual({});
  expect(
    query({ owner: "u1", creator: "u2", scope: "orders:read", unused: "90", expires: "7", rotated: "30" }),
  ).toEqual({
    ownerUserId: "u1",
    createdBy: "u2",
    scope: "orders:read",
    unusedSince: "2026-03-03T12:00:00Z",
    expiresBefore: "2026-06-08T12:00:00Z",
    rotatedBefore: "2026-05-02T12:00:00Z",
  });
});

test.each(["soon", "0", "-7", "7.5", "99999"])("the period %s of an address is ignored", (days) => {
  expect(query({ unused: days })).toEqual({});
});

const key = aKey({
  userId: "u2",
  ownerUserId: "u1",
  scopes: ["orders:read"],
  createdAt: "2026-01-01T00:00:00Z",
  rotatedAt: "2026-04-01T00:00:00Z",
  lastUsedAt: "2026-03-01T00:00:00Z",
  expiresAt: "2026-06-05T00:00:00Z",
});

test.each<[Partial<KeyFilters>, boolean]>([
  [{ owner: "u1" }, true],
  [{ owner: "u2" }, false],
  [{ creator: "u2" }, true],
  [{ creator: "u1" }, false],
  [{ unused: "90" }, true],
  [{ unused: "180" }, false],
  [{ expires: "7" }, true],
  [{ rotated: "30" }, true],
  [{ rotated: "90" }, false],
  [{ scope: "orders:read" }, true],
  [{ scope: "orders:*" }, false],
  [{ owner: "u1", creator: "u1" }, false],
])("%j: %s", (filters, expected) => {
  expect(matchesQuery(key, query(filters))).toBe(expected);
});

test("a key without expiry or use is compared by its creation", () => {
  const fresh = aKey({ createdAt: "2026-05-31T00:00:00Z" });
  expect(matchesQuery(fresh, query({ unused: "30" }))).toBe(false);
  expect(matchesQuery(fresh, query({ expires: "90" }))).toBe(false);
  expect(matchesQuery(fresh, query({ rotated: "30" }))).toBe(false);
});

test("filters are told in words", () => {
  const words = (name: keyof KeyFilters, value: string) => filterWords(name, value, (id) => `<${id}>`);
  expect([words("owner", "u1"), words("unused", "30"), words("rotated", "90")]).toEqual([
    "Owner: <u1>",
    "Unused for 30 days",
    "Secret older than 90 days",
  ]);
});
