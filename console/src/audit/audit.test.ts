import { expect, test } from "vitest";
import { detailsOf } from "./details";
import { isFiltered, queryOf } from "./filters";
import { NO_FILTERS } from "./useFilters";
import { actionLabel, actorWords, wordsOf } from "./words";

const now = new Date("2026-05-26T12:00:00Z");

test.each([
  ["api_key.rotated", "Rotated an API key"],
  ["api_key.expired", "An API key expired"],
  ["webhook.secret_read", "Read the secret of a webhook"],
  ["request.refused", "Refused requests"],
  ["portal_session.deleted", "Ended a portal session"],
  ["something.new", "something.new"],
])("%s is %s", (action, label) => {
  expect(actionLabel(action)).toBe(label);
});

test("an action that isn't known has no words", () => {
  expect(wordsOf("api_key.toString")).toBeNull();
  expect(wordsOf("nothing")).toBeNull();
});

test.each([
  [{ kind: "user", id: "me" }, null, "You"],
  [{ kind: "user", id: "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13" }, null, "User 8d3f1c52…"],
  [{ kind: "api_key", id: "f47ac10b-58cc-4372-a567-0e02b2c3d479" }, "Production", "Key Production"],
  [{ kind: "api_key", id: "k", isOperator: true, actingUserId: null }, null, "The platform"],
  [{ kind: "service", id: "service_role", isOperator: true, actingUserId: "user_1" }, null, "The platform for user_1"],
  [{ kind: "service", id: "backend" }, null, "The platform"],
  [{ kind: "system", id: "expiry" }, null, "The expiry of keys"],
  [{ kind: "system", id: "new-sweep" }, null, "new-sweep"],
] as const)("%j is %s %s", (actor, keyName, words) => {
  expect(actorWords(actor, "me", keyName)).toBe(words);
});

test("days are the reader's, and both are in the period", () => {
  const filters = { ...NO_FILTERS, period: "days", from: "2026-05-01", to: "2026-05-02" };
  expect(queryOf(filters, now)).toEqual({ since: "2026-04-30T22:00:00.000Z", until: "2026-05-02T22:00:00.000Z" });
  expect(queryOf({ ...filters, from: "", to: "x" }, now)).toEqual({});
});

test("a period ends now, and one that isn't offered is none", () => {
  expect(queryOf({ ...NO_FILTERS, period: "7" }, now)).toEqual({ since: "2026-05-19T12:00:00.000Z" });
  expect(queryOf({ ...NO_FILTERS, period: "5", from: "2026-05-01" }, now)).toEqual({});
});

test("only what is chosen is asked for", () => {
  const query = queryOf({ ...NO_FILTERS, action: "api_key.*", actor: "a", target: "t" }, now);
  expect(query).toEqual({ action: "api_key.*", actorId: "a", targetId: "t" });
  expect(isFiltered(query)).toBe(true);
  expect(isFiltered(queryOf(NO_FILTERS, now))).toBe(false);
});

test("details are texts, whatever is in them", () => {
  const exposure = { url: "https://example.com/<b>", source: null };
  expect(detailsOf({ exposure, changed: ["name", "scopes"], failingSince: "2026-05-26T09:05:00Z", found: 3 })).toEqual([
    { name: "URL", value: "https://example.com/<b>" },
    { name: "Source", value: "none" },
    { name: "Changed", value: "name, scopes" },
    { name: "Failing since", value: "May 26, 2026, 11:05:00 AM GMT+2" },
    { name: "Found", value: "3" },
  ]);
});
