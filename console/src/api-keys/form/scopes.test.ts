import { expect, test } from "vitest";
import type { Scope } from "../../api/schema";
import { gives, groupsOf, others, readOnly, resourcesOf, toggled, wildcardOver } from "./scopes";

const catalogue = ["orders:write", "orders:read", "orders:items:read", "products:read"];

const scope = (name: string, group: string) => ({ name, group }) as Scope;

test("scopes are sorted under their resource", () => {
  expect(resourcesOf(catalogue)).toEqual([
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

test("a wildcard of the catalogue is the resource's own", () => {
  expect(resourcesOf(["api-keys:*"])).toEqual([{ resource: "api-keys", wildcard: "api-keys:*", scopes: [] }]);
});

test("a heading can have several resources", () => {
  const groups = groupsOf([scope("orders:read", "Sales"), scope("api:read", "API"), scope("carts:read", "Sales")]);
  expect(groups.map(({ group, resources }) => [group, resources.map(({ resource }) => resource)])).toEqual([
    ["API", ["api"]],
    ["Sales", ["carts", "orders"]],
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

test("chosen scopes without a checkbox are the others", () => {
  expect(
    others(
      ["*", "orders:*", "orders:read", "orders:items:*", "gone:read"],
      groupsOf(catalogue.map((name) => scope(name, "All"))),
    ),
  ).toEqual(["orders:items:*", "gone:read"]);
});
