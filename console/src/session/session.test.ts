import { expect, test } from "vitest";
import { sessionToken } from "../testing";
import { readSession } from "./session";

test("a token says who it is and until when", () => {
  const session = readSession(sessionToken({}, { exp: 1_800_000_000 }));
  expect(session).toMatchObject({
    userId: "user-1",
    email: "ada@example.com",
    role: "business_admin",
    accountId: "acme",
  });
  expect(session?.expiresAt).toEqual(new Date("2027-01-15T08:00:00Z"));
});

test("an advisor has the own account and the clients', each once, by name where the token has it", () => {
  const token = sessionToken({
    role: "advisor",
    client_account_ids: ["c1", "acme", "c2", "c1", 7],
    account_names: { c1: "Müller & Söhne" },
  });
  expect(readSession(token)?.accounts).toEqual([
    { id: "acme", name: "acme" },
    { id: "c1", name: "Müller & Söhne" },
    { id: "c2", name: "c2" },
  ]);
});

test("nobody else has clients, whatever the token lists", () => {
  expect(readSession(sessionToken({ client_account_ids: ["c1"] }))?.accounts).toHaveLength(1);
});

test("what users can write themselves is not looked at", () => {
  const token = sessionToken({ role: "member" }, { user_metadata: { role: "business_admin", account_id: "other" } });
  expect(readSession(token)).toMatchObject({ role: "member", accountId: "acme" });
});

test.each(["", "abc", "a.b", "a.b.c", "e30.e30.x", "e30.bnVsbA.x", `${sessionToken()}.y`])(
  "%j is no session",
  (text) => {
    expect(readSession(text)).toBeNull();
  },
);
