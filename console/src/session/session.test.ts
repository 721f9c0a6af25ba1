import { expect, test } from "vitest";
import { aMe, sessionToken } from "../testing";
import { accountsOf } from "./accounts";
import { readSession, type Session } from "./session";

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

const claimed = (metadata: Record<string, unknown>) =>
  accountsOf(readSession(sessionToken(metadata)) as Session, undefined);

test("an advisor's accounts are the own account and the clients', each once, with the names of the token", () => {
  const clients = { client_account_ids: ["c1", "acme", "c2", "c1", 7], account_names: { c1: "Müller & Söhne" } };
  expect(claimed({ role: "advisor", ...clients })).toEqual([
    { id: "acme", name: "acme" },
    { id: "c1", name: "Müller & Söhne" },
    { id: "c2", name: "c2" },
  ]);
});

test("only advisors have clients, whatever the token lists", () => {
  expect(claimed({ client_account_ids: ["c1"] })).toHaveLength(1);
});

test("the API's answer about the caller has priority over the claims", () => {
  const session = readSession(sessionToken({ account_names: { c9: "Contoso" } })) as Session;
  const me = aMe(new Request("http://localhost/me"), { accountId: "other", clientAccountIds: ["c9"] });
  expect(accountsOf(session, me)).toEqual([
    { id: "other", name: "other" },
    { id: "c9", name: "Contoso" },
  ]);
});

test("user_metadata, which users can write, is not read", () => {
  const token = sessionToken({ role: "member" }, { user_metadata: { role: "business_admin", account_id: "other" } });
  expect(readSession(token)).toMatchObject({ role: "member", accountId: "acme" });
});

test.each(["abc", "a.b", "a.b.c", "e30.e30.x", "e30.bnVsbA.x", `${sessionToken()}.y`])(
  "%j is a session, because only the API can tell",
  (token) => {
    expect(readSession(token)).toMatchObject({ token });
  },
);

test("a token of another identity provider says when it ends", () => {
  const claims = { app_metadata: undefined, "https://acme.example/account": "acme", exp: 1_800_000_000 };
  expect(readSession(sessionToken({}, claims))).toMatchObject({
    expiresAt: new Date("2027-01-15T08:00:00Z"),
    role: "",
    accountId: "",
  });
});

test.each(["", "two words", "line\nbreak"])("%j is no session", (text) => {
  expect(readSession(text)).toBeNull();
});
