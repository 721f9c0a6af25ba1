import { beforeEach, expect, test, vi } from "vitest";
import { sessionToken } from "../testing";
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
  expect(tomorrow.current()).toEqual({ session: null, ended: "expired", problem: null });
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
  expect(sessions.current()).toEqual({ session: null, ended: "signed-out", problem: null });
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
