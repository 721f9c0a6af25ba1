import { expect, test } from "vitest";
import { gives, groupsOf, others, readOnly, toggled, wildcardOver } from "./scopes";

const catalogue = ["orders:write", "orders:read", "orders:items:read", "products:read"];

test("scopes stand under their resource", () => {
  expect(groupsOf(catalogue)).toEqual([
    {
      resource: "orders",
      wildcard: "orders:*",
      scopes: [
        { scope: "orders:items:read", action: "items:read" },
        { scope: "orders:read", action: "read" },
        { scope: "orders:write", action: "write" },
      ],
    },
    { resource: "products", wildcard: "products:*", scopes: [{ scope: "products:read", action: "read" }] },
  ]);
});

test("read only is all that reads", () => {
  expect(readOnly(catalogue)).toEqual(["orders:read", "orders:items:read", "products:read"]);
});

test("a wildcard gives what is below it, and says so", () => {
  expect(gives(["orders:*"], "orders:items:read")).toBe(true);
  expect(gives(["*"], "orders:*")).toBe(true);
  expect(gives(["orders:*"], "orders-old:read")).toBe(false);
  expect(wildcardOver(["orders:*"], "orders:read")).toBe("orders:*");
  expect(wildcardOver(["orders:*"], "orders:*")).toBeUndefined();
});

test("a wildcard takes the place of what it covers", () => {
  expect(toggled(["orders:read", "orders:items:*", "products:read"], "orders:*")).toEqual([
    "products:read",
    "orders:*",
  ]);
  expect(toggled(["products:read", "orders:*"], "orders:*")).toEqual(["products:read"]);
});

test("what has no box is shown beside them", () => {
  expect(others(["*", "orders:*", "orders:read", "orders:items:*", "gone:read"], groupsOf(catalogue))).toEqual([
    "orders:items:*",
    "gone:read",
  ]);
});
