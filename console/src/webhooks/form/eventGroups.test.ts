import { expect, test } from "vitest";
import { groupsOf, isPattern, others, picks, searched, toggled } from "./eventGroups";

const created = { name: "order.created", description: "Somebody has ordered." };
const shipped = { name: "order.line.shipped", description: null };
const groups = groupsOf([shipped, created, { name: "api_key.created", description: "Registered." }]);

test("events stand under their first word, our own among them, each once", () => {
  expect(groups.map(({ word }) => word)).toEqual([
    "api_key",
    "member",
    "oauth_client",
    "oauth_grant",
    "order",
    "webhook",
  ]);
  expect(groups[4]?.events).toEqual([created, shipped]);
  expect(groups[4]?.wildcard).toBe("order.*");
  expect(groups[0]?.events.filter(({ name }) => name === "api_key.created")).toEqual([
    { name: "api_key.created", description: "Registered." },
  ]);
});

test("search looks at names and descriptions", () => {
  expect(searched(groups, "SHIPPED").map(({ events }) => events)).toEqual([[shipped]]);
  expect(searched(groups, "has ordered").map(({ events }) => events)).toEqual([[created]]);
  expect(searched(groups, "nothing like it")).toEqual([]);
  expect(searched(groups, " ")).toHaveLength(6);
});

test("a wildcard takes the place of what it covers", () => {
  expect(toggled(["order.created", "order.line.*", "lap.set"], "order.*")).toEqual(["lap.set", "order.*"]);
  expect(toggled(["order.*"], "order.*")).toEqual([]);
  expect(toggled([], "order.created")).toEqual(["order.created"]);
});

test("what no group shows is named apart", () => {
  expect(others(["order.*", "order.created", "lap.set", "order.line.*"], groups)).toEqual(["lap.set", "order.line.*"]);
});

test("patterns pick as the API picks", () => {
  expect(picks(["order.*"], "order.line.shipped")).toBe(true);
  expect(picks(["order.*"], "order")).toBe(false);
  expect(picks(["order.*"], "orders.created")).toBe(false);
  expect(picks(["*"], "order")).toBe(true);
});

test.each(["order.created", "order.*", "a", "a-b_c.0", "a".repeat(128), `${"a".repeat(128)}.*`])(
  "%s is a pattern",
  (text) => {
    expect(isPattern(text)).toBe(true);
  },
);

test.each(["", "*", "Order.created", "order.", ".*", "order.*.x", "order created", "a".repeat(129)])(
  "%j is no pattern",
  (text) => {
    expect(isPattern(text)).toBe(false);
  },
);
