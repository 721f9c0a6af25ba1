import { expect, test } from "vitest";
import { ApiError } from "../../api/problem";
import { refusedFields, validated } from "./validation";
import { type KeyValues, NEW_KEY } from "./values";

const now = new Date("2026-03-04T12:00:00Z");
const problems = (values: Partial<KeyValues>) => Object.keys(validated({ ...NEW_KEY, name: "Web", ...values }, now));

test.each<[string, Partial<KeyValues>, string[]]>([
  ["what is there at first, with a name", {}, []],
  ["no name", { name: " " }, ["name"]],
  ["no profile", { access: "profile" }, ["profileId"]],
  ["no day", { expiry: "date" }, ["lastDay"]],
  ["yesterday", { expiry: "date", lastDay: "2026-03-03" }, ["lastDay"]],
  ["today", { expiry: "date", lastDay: "2026-03-04" }, []],
  ["an empty limit", { limitsRate: true, rate: { ...NEW_KEY.rate, limit: "" } }, ["rate.limit"]],
  ["no credits left", { limitsCredits: true, credits: { ...NEW_KEY.credits, remaining: 0 } }, []],
  [
    "an empty refill",
    { limitsCredits: true, credits: { remaining: 1, interval: "daily", amount: "" } },
    ["credits.amount"],
  ],
  ["no address", { limitsAddresses: true }, ["addresses"]],
  ["no JSON", { metadata: "{" }, ["metadata"]],
  ["a list", { metadata: "[]" }, ["metadata"]],
  ["a null, which a change would read as taking away", { metadata: '{"a": {"b": null}}' }, ["metadata"]],
])("%s", (_, values, expected) => {
  expect(problems(values)).toEqual(expected);
});

test("what the API refuses stands beside the field that it is about", () => {
  const fields = [
    { pointer: "/rateLimit/burst", detail: "Too many." },
    { pointer: "/credits/refill/amount", detail: "Too few." },
    { pointer: "/ipAllowList/1", detail: "No address." },
    { pointer: "/expiresAt", detail: "Over." },
    { pointer: "/name", detail: "Too long." },
  ];
  const error = new ApiError({ status: 422, code: "invalid_fields", detail: "Some fields.", fields });
  expect(refusedFields(error)).toEqual({
    "rate.burst": "Too many.",
    "credits.amount": "Too few.",
    addresses: "No address.",
    expiry: "Over.",
    name: "Too long.",
  });
  expect(refusedFields(new Error("x"))).toEqual({});
});
