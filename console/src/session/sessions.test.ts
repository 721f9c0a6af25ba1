import { beforeEach, expect, test, vi } from "vitest";
import { sessionToken } from "../testing";
import type { Exchanged } from "./portal";
import { createSessions } from "./sessions";

beforeEach(() => window.sessionStorage.clear());

const stored = () => JSON.stringify(window.sessionStorage);

test("a session lasts over a reload of its tab", () => {
  expect(createSessions(window.sessionStorage).begin(sessionToken())).toBe(true);
  expect(createSessions(window.sessionStorage).current().session?.accountId).toBe("acme");
});

test("one that expired meanwhile is gone, from storage too", () => {
  createSessions(window.sessionStorage).begin(sessionToken());
  const tomorrow = createSessions(window.sessionStorage, () => new Date(Date.now() + 86_400_000));
  expect(tomorrow.current()).toMatchObject({ session: null, ended: "expired", problem: null, left: null });
  expect(stored()).toBe("{}");
});

test("an expired or impossible token begins nothing and is not stored", () => {
  const sessions = createSessions(window.sessionStorage);
  expect(sessions.begin(sessionToken({}, { exp: 1 }))).toBe(false);
  expect(sessions.begin("no token")).toBe(false);
  expect(sessions.current().session).toBeNull();
  expect(stored()).toBe("{}");
});

test("expiry keeps the address for once; signing out keeps nothing", () => {
  const sessions = createSessions(window.sessionStorage);
  sessions.begin(sessionToken());
  sessions.expire("/admin/integrations/webhooks?status=paused");
  expect(sessions.current().ended).toBe("expired");
  expect(sessions.takeReturnAddress()).toBe("/admin/integrations/webhooks?status=paused");
  expect(sessions.takeReturnAddress()).toBeNull();
  sessions.begin(sessionToken());
  sessions.expire("/x");
  sessions.begin(sessionToken());
  sessions.end();
  expect(sessions.current()).toMatchObject({ session: null, ended: "signed-out", problem: null });
  expect(stored()).toBe("{}");
});

test("a failed hand-over is told where nobody is signed in, and ends nobody's session", () => {
  const sessions = createSessions(window.sessionStorage);
  sessions.fail("No.");
  expect(sessions.current().problem).toBe("No.");
  sessions.begin(sessionToken());
  sessions.fail("No.");
  expect(sessions.current()).toMatchObject({ session: { accountId: "acme" }, problem: null });
});

test("every change is told", () => {
  const sessions = createSessions(window.sessionStorage);
  const listener = vi.fn();
  const stop = sessions.subscribe(listener);
  sessions.begin(sessionToken());
  sessions.end();
  stop();
  sessions.begin(sessionToken());
  expect(listener).toHaveBeenCalledTimes(2);
});

const PORTAL: Exchanged = {
  token: "lhp_opaque",
  sessionId: "s-1",
  accountId: "acme",
  userId: "user-7",
  tabs: ["webhooks"],
  returnUrl: "https://app.example/settings",
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
};

function portal(answer: Partial<Exchanged> | Error = {}, now?: () => Date) {
  const codes: string[] = [];
  const exchange = async (code: string) => {
    codes.push(code);
    if (answer instanceof Error) throw answer;
    return { ...PORTAL, ...answer };
  };
  return { codes, sessions: createSessions(window.sessionStorage, now, exchange) };
}

test("a link's code begins a session that a reload keeps, with its tabs", async () => {
  const { codes, sessions } = portal();
  const opened = sessions.open("code-1");
  expect(sessions.current()).toMatchObject({ session: null, opening: { error: null } });
  await opened;
  expect(codes).toEqual(["code-1"]);
  for (const { session } of [sessions.current(), portal().sessions.current()]) {
    expect(session).toMatchObject({ token: "lhp_opaque", userId: "user-7", accountId: "acme" });
    expect(session?.portal).toEqual({
      sessionId: "s-1",
      tabs: ["webhooks"],
      returnUrl: "https://app.example/settings",
    });
  }
  expect(stored()).not.toContain("code-1");
});

test("a refused code begins nothing and keeps the error", async () => {
  const error = new Error("used");
  const { sessions } = portal(error);
  await sessions.open("code-1");
  expect(sessions.current()).toMatchObject({ session: null, opening: { error } });
});

test("the newest of two links counts", async () => {
  const { sessions } = portal();
  const first = sessions.open("code-1");
  sessions.begin(sessionToken());
  await first;
  expect(sessions.current().session?.email).toBe("ada@example.com");
});

test("an ended portal session says whether its time was over, and where it came from", async () => {
  const { sessions } = portal();
  await sessions.open("code-1");
  sessions.expire("/webhooks");
  expect(sessions.current()).toMatchObject({ session: null, ended: "ended", left: { sessionId: "s-1" } });
  expect(stored()).toBe("{}");
  let now = new Date();
  const later = portal({}, () => now);
  await later.sessions.open("code-2");
  now = new Date(Date.now() + 86_400_000);
  later.sessions.expire();
  expect(later.sessions.current().ended).toBe("expired");
});

test("a return link that is no web page is not offered", async () => {
  const { sessions } = portal({ returnUrl: "javascript:alert(1)" });
  await sessions.open("code-1");
  expect(sessions.current().session?.portal?.returnUrl).toBeNull();
});

test("a normal session after a portal session has no tabs of the portal", async () => {
  const { sessions } = portal();
  await sessions.open("code-1");
  sessions.begin(sessionToken());
  expect(portal().sessions.current().session?.portal).toBeNull();
});
