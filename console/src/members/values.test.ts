import { expect, test } from "vitest";
import { ApiError } from "../api/problem";
import { bodyOf, losesClients, type MemberValues, NEW_MEMBER, refusedFields, validated } from "./values";

const member = (fields: Partial<MemberValues> = {}): MemberValues => ({ ...NEW_MEMBER, userId: "user-2", ...fields });
const advisor = member({ role: "advisor", clientAccountIds: ["c1", "c2"] });

test("a body has all fields, because PUT replaces them", () => {
  expect(bodyOf(NEW_MEMBER, member({ name: " Mira ", email: " " }), false)).toEqual({
    role: "member",
    profileId: null,
    name: "Mira",
    email: null,
    clientAccountIds: [],
  });
});

test("a member without access has no profile", () => {
  expect(bodyOf(NEW_MEMBER, member({ role: "none", profileId: "p-1" }), false).profileId).toBeNull();
});

test.each<[string, Partial<MemberValues>, boolean, string[]]>([
  ["another name", { name: "Mira" }, false, ["c1", "c2"]],
  ["a removed client account", { clientAccountIds: ["c2"] }, false, ["c2"]],
  ["another profile", { profileId: "p-1" }, false, []],
  ["another profile by the operator", { profileId: "p-1" }, true, ["c1", "c2"]],
  ["another role", { role: "admin" }, false, []],
  ["another role by the operator", { role: "admin" }, true, []],
])("client accounts after %s", (_, change, isOperator, expected) => {
  const after = { ...advisor, ...change };
  expect(bodyOf(advisor, after, isOperator).clientAccountIds).toEqual(expected);
  expect(losesClients(advisor, after, isOperator)).toBe(expected.length === 0);
});

test.each<[string, Partial<MemberValues>, string[]]>([
  ["an id of an identity provider", { userId: "auth0|64f0c2a1" }, []],
  ["no id", { userId: " " }, ["userId"]],
  ["an id with a space", { userId: "ada lovelace" }, ["userId"]],
  ["an email address", { email: "mira@example.com" }, []],
  ["no email address", { email: "mira" }, ["email"]],
])("%s", (_, fields, expected) => {
  expect(Object.keys(validated(member(fields)))).toEqual(expected);
});

test("problems with the role and with client accounts are shown at their fields", () => {
  const lastAdmin = new ApiError({ status: 409, code: "last_admin", detail: "The account must keep one admin." });
  expect(refusedFields(lastAdmin)).toEqual({ role: "The account must keep one admin." });
  const fields = [{ pointer: "/clientAccountIds/1", detail: "Only the operator can add this." }];
  const beyond = new ApiError({ status: 403, code: "clients_beyond_caller", detail: "Only the operator.", fields });
  expect(refusedFields(beyond)).toEqual({ clientAccountIds: "Only the operator can add this." });
  expect(refusedFields(new Error("x"))).toEqual({});
});
