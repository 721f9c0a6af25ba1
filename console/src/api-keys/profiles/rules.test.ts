import { expect, test } from "vitest";
import { ApiError } from "../../api/problem";
import type { PermissionRule } from "../../api/schema";
import { choicesOf, effectOn, patchOf, refusedFields, validated } from "./rules";

const allow = (...actions: string[]): PermissionRule => ({ effect: "allow", actions });
const deny = (...actions: string[]): PermissionRule => ({ effect: "deny", actions });

test.each([
  ["orders:read", [], "own"],
  ["orders:read", [allow("orders:read")], "allowed"],
  ["orders:read", [allow("orders:*")], "allowed"],
  ["orders:read", [allow("*")], "allowed"],
  ["orders:items:read", [allow("orders:*")], "allowed"],
  ["orders:read", [allow("orders:items:*")], "own"],
  ["orderships:read", [allow("orders:*")], "own"],
  ["orders:write", [deny("orders:write"), allow("orders:*")], "denied"],
  ["orders:write", [allow("orders:write"), deny("*")], "denied"],
] as const)("%s by %j is %s", (scope, rules, effect) => {
  expect(effectOn(scope, rules as readonly PermissionRule[])).toBe(effect);
});

test("wildcards of every level stand before the scopes they cover", () => {
  expect(choicesOf(["orders:write", "orders:items:read", "webhooks:read"])).toEqual([
    { group: "Everything", items: ["*"] },
    { group: "orders", items: ["orders:*", "orders:items:*", "orders:items:read", "orders:write"] },
    { group: "webhooks", items: ["webhooks:*", "webhooks:read"] },
  ]);
});

const before = { name: "Readers", description: "", rules: [allow("orders:read")] };

test("a patch has what was changed alone", () => {
  expect(patchOf(before, { ...before })).toEqual({});
  expect(patchOf(before, { ...before, name: " Readers " })).toEqual({});
  expect(patchOf({ ...before, description: "x" }, before)).toEqual({ description: null });
  expect(patchOf(before, { ...before, rules: [] })).toEqual({ rules: [] });
});

test("a name and an action in each rule are needed", () => {
  expect(validated(before)).toEqual({});
  expect(Object.keys(validated({ name: " ", description: "", rules: [allow("*"), deny()] }))).toEqual([
    "name",
    "rules.1.actions",
  ]);
});

test("what the API says of an action stands at its rule", () => {
  const fields = [
    { pointer: "/rules/0/actions/1", detail: "There is no such scope." },
    { pointer: "/rules/0/actions/2", detail: "Nor this one." },
    { pointer: "/name", detail: "Too long." },
  ];
  const error = new ApiError({ status: 422, code: "invalid_fields", detail: "", fields });
  expect(refusedFields(error)).toEqual({ "rules.0.actions": "There is no such scope.", name: "Too long." });
  expect(refusedFields(new Error())).toEqual({});
});
