import { expect, test } from "vitest";
import { contain } from "./rights";

test.each([
  [["api-keys:read"], "api-keys:read", true],
  [["api-keys:*"], "api-keys:write", true],
  [["*"], "webhooks:read", true],
  [["api-keys:read"], "api-keys:write", false],
  [["api:*"], "api-keys:read", false],
  [[], "api-keys:read", false],
  [["*"], "account-members:read", false],
  [["account-members:*"], "account-members:read", false],
  [["*", "account-members:read"], "account-members:read", true],
])("%j contains %s: %s", (granted, scope, expected) => {
  expect(contain(granted, scope)).toBe(expected);
});
