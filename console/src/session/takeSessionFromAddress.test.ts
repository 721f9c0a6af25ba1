import { beforeEach, expect, test, vi } from "vitest";
import { sessionToken } from "../testing";
import { createSessions } from "./sessions";
import { takeSessionFromAddress } from "./takeSessionFromAddress";

const place = { path: "/admin/integrations", apiUrl: "http://localhost:3000" };

beforeEach(() => window.sessionStorage.clear());

function arrive(address: string) {
  const sessions = createSessions(window.sessionStorage);
  window.history.replaceState(null, "", address);
  takeSessionFromAddress(window, sessions, place);
  return { sessions, address: window.location.href.replace(window.location.origin, "") };
}

test("the token begins a session and leaves the address", () => {
  const token = sessionToken();
  const arrived = arrive(`/admin/integrations/webhooks?a=1#access_token=${token}&token_type=bearer&refresh_token=r`);
  expect(arrived.sessions.current().session?.token).toBe(token);
  expect(arrived.address).toBe("/admin/integrations/webhooks?a=1");
});

test("a token that doesn't hold leaves the address, too, and is said", () => {
  const arrived = arrive(`/admin/integrations#access_token=${sessionToken({}, { exp: 1 })}`);
  expect(arrived.sessions.current()).toMatchObject({ session: null, problem: expect.stringContaining("ended") });
  expect(arrived.address).toBe("/admin/integrations");
});

test("what the sign-in service says went wrong is said", () => {
  const arrived = arrive("/admin/integrations#error=access_denied&error_description=Email+link+is+invalid");
  expect(arrived.sessions.current().problem).toBe("Signing in failed: Email link is invalid");
  expect(arrived.address).toBe("/admin/integrations");
});

test("another fragment is left alone", () => {
  expect(arrive("/admin/integrations#top").address).toBe("/admin/integrations#top");
});

test("who expired somewhere comes back there", () => {
  createSessions(window.sessionStorage).expire("/admin/integrations/audit?actor=ada");
  expect(arrive(`/admin/integrations/#access_token=${sessionToken()}`).address).toBe(
    "/admin/integrations/audit?actor=ada",
  );
});

test("who asks for something else gets that", () => {
  createSessions(window.sessionStorage).expire("/admin/integrations/audit");
  expect(arrive(`/admin/integrations/usage#access_token=${sessionToken()}`).address).toBe("/admin/integrations/usage");
});

test("nobody is led out of the console", () => {
  createSessions(window.sessionStorage).expire("//evil.example/");
  expect(arrive(`/admin/integrations#access_token=${sessionToken()}`).address).toBe("/admin/integrations");
});

test("the code of a portal link is exchanged and leaves the address", () => {
  const sessions = createSessions(window.sessionStorage);
  const open = vi.spyOn(sessions, "open").mockResolvedValue();
  window.history.replaceState(null, "", "/admin/integrations/webhooks#portal_code=abc");
  takeSessionFromAddress(window, sessions, place);
  expect(open).toHaveBeenCalledWith("abc");
  expect(window.location.hash).toBe("");
  expect(window.location.pathname).toBe("/admin/integrations/webhooks");
});
