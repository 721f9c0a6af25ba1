import { expect, test } from "vitest";
import { aKey } from "../testing";
import { endOfLastDay, lastDayOf } from "./expiry";
import { bodyOf, type KeyValues, NEW_KEY, patchOf, valuesOf } from "./values";

const now = new Date("2026-03-04T12:00:00Z");
const body = (values: Partial<KeyValues>) => bodyOf({ ...NEW_KEY, name: " Web ", ...values }, now);

test("a new key without further wishes ends in 90 days", () => {
  expect(body({})).toEqual({
    name: "Web",
    description: null,
    scopes: [],
    profileId: null,
    expiresAt: "2026-06-02T12:00:00.000Z",
    rateLimit: null,
    credits: null,
    ipAllowList: [],
    metadata: {},
    ownerUserId: null,
    followsOwner: false,
  });
});

test("every limit is sent as it was chosen", () => {
  const limited = body({
    expiry: "never",
    limitsRate: true,
    rate: { limit: 100, windowSeconds: "60", burst: "" },
    limitsCredits: true,
    credits: { remaining: 0, interval: "monthly", amount: 50 },
    limitsAddresses: true,
    addresses: "203.0.113.0/24\n 2001:db8::/32,",
    metadata: '{"team": "web"}',
  });
  expect(limited).toMatchObject({
    expiresAt: null,
    rateLimit: { limit: 100, windowSeconds: 60, burst: null },
    credits: { remaining: 0, refill: { interval: "monthly", amount: 50 } },
    ipAllowList: ["203.0.113.0/24", "2001:db8::/32"],
    metadata: { team: "web" },
  });
});

test("a profile that isn't chosen any more isn't sent", () => {
  expect(body({ access: "profile", profileId: "p1" }).profileId).toBe("p1");
  expect(body({ access: "scopes", profileId: "p1" }).profileId).toBeNull();
});

test("a key works until the end of its last day, where its reader is", () => {
  expect(endOfLastDay("2026-03-31").toISOString()).toBe("2026-03-31T22:00:00.000Z"); // Berlin, in summer time
  expect(lastDayOf("2026-03-31T22:00:00Z")).toBe("2026-03-31");
  expect(body({ expiry: "date", lastDay: "2026-12-31" }).expiresAt).toBe("2026-12-31T23:00:00.000Z");
});

const key = aKey({
  name: "Web",
  scopes: ["orders:read"],
  expiresAt: "2026-12-31T12:34:56Z",
  rateLimit: { limit: 10, windowSeconds: 60, burst: 10 },
  credits: { remaining: 40, refill: { amount: 50, interval: "daily", nextAt: "2026-03-05T00:00:00Z" } },
  ipAllowList: ["203.0.113.0/24"],
  metadata: { team: "web", contact: { slack: "#web", phone: "1" } },
});
const patch = (change: Partial<KeyValues>) => patchOf(valuesOf(key), { ...valuesOf(key), ...change }, now);

test.each<[string, Partial<KeyValues>, object]>([
  ["nothing", {}, {}],
  ["the name", { name: "Shop" }, { name: "Shop" }],
  ["a description", { description: "Of the shop" }, { description: "Of the shop" }],
  ["scopes", { scopes: ["*"] }, { scopes: ["*"] }],
  ["an expiry that goes", { expiry: "never" }, { expiresAt: null }],
  ["a later expiry", { expiry: "30" }, { expiresAt: "2026-04-03T12:00:00.000Z" }],
  [
    "a burst",
    { rate: { limit: 10, windowSeconds: "60", burst: 5 } },
    { rateLimit: { limit: 10, windowSeconds: 60, burst: 5 } },
  ],
  ["no rate limit", { limitsRate: false }, { rateLimit: null }],
  ["no credits", { limitsCredits: false }, { credits: null }],
  ["every address", { limitsAddresses: false }, { ipAllowList: [] }],
  ["the rights of the owner", { followsOwner: true }, { followsOwner: true }],
  ["an owner", { ownerUserId: " user-7 " }, { ownerUserId: "user-7" }],
  [
    "metadata in part",
    { metadata: '{"team": "shop", "contact": {"slack": "#web"}}' },
    { metadata: { team: "shop", contact: { phone: null } } },
  ],
])("a change of %s sends that alone", (_, change, expected) => {
  expect(patch(change)).toEqual(expected);
});

test("who changes the refill leaves the credits alone that are spent meanwhile", () => {
  expect(patch({ credits: { remaining: 40, interval: "monthly", amount: 50 } })).toEqual({
    credits: { refill: { interval: "monthly" } },
  });
  expect(patch({ credits: { remaining: 40, interval: "", amount: 50 } })).toEqual({ credits: { refill: null } });
});
