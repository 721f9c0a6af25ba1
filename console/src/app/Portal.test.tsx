import { act, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSessions } from "../session/sessions";
import { aMe, api, problem, settings } from "../testing";
import { App } from "./App";

const EXCHANGED = {
  token: "lhp_opaque",
  sessionId: "s-1",
  accountId: "acme",
  userId: "user-7",
  tabs: ["webhooks", "members"],
  returnUrl: "https://app.example/settings",
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
};

let heights: (() => void)[] = [];
const told = vi.fn();

beforeEach(() => {
  window.sessionStorage.clear();
  heights = [];
  told.mockReset();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(changed: () => void) {
        heights.push(changed);
      }
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  // The document is in a frame of https://app.example.
  Object.defineProperty(window, "parent", { configurable: true, value: { postMessage: told } });
  Object.defineProperty(document, "referrer", { configurable: true, value: "https://app.example/settings" });
});

afterEach(() => {
  Object.defineProperty(window, "parent", { configurable: true, value: window });
  Object.defineProperty(document, "referrer", { configurable: true, value: "" });
  document.getElementById("root")?.remove();
});

function open(routes: Record<string, unknown> = {}, path = "/") {
  const answer = api({
    "GET /config.json": { ...settings, frameAncestors: ["https://app.example"] },
    "POST /portal-sessions/exchange": EXCHANGED,
    "GET /me": (request: Request) => aMe(request, { clientAccountIds: ["globex"] }),
    ...routes,
  });
  vi.stubGlobal("fetch", async (input: Request | URL | string, init?: RequestInit) => {
    const answered = await answer(input instanceof Request ? input : new Request(input, init));
    return answered instanceof Response ? answered : Response.json(answered);
  });
  window.history.replaceState(null, "", path);
  const sessions = createSessions(window.sessionStorage);
  void sessions.open("code-1");
  const root = document.body.appendChild(document.createElement("div"));
  root.id = "root";
  render(<App sessions={sessions} />, { container: root });
  return { sessions, root };
}

test("a portal session shows its tabs and the way back, no sign-out and no account choice", async () => {
  open();
  await screen.findByRole("heading", { name: "Webhooks" });
  const tabs = within(screen.getByRole("navigation", { name: "Integrations" })).getAllByRole("link");
  expect(tabs.map(({ textContent }) => textContent)).toEqual(["Webhooks", "Members"]);
  const back = screen.getByRole("link", { name: "Back to app.example" });
  expect([back.getAttribute("href"), back.getAttribute("target")]).toEqual(["https://app.example/settings", "_top"]);
  expect(screen.queryByRole("button", { name: /account menu/ })).toBeNull();
  expect(screen.queryByLabelText("Account")).toBeNull();
});

test("a tab that the link did not ask for is a missing page", async () => {
  open({}, "/api-keys");
  await screen.findByRole("heading", { name: "There is nothing at this address" });
});

test("an account in the address of a portal session is ignored", async () => {
  const asked: (string | null)[] = [];
  open(
    { "GET /webhooks": ({ headers }: Request) => void asked.push(headers.get("X-Account-Id")) },
    "/webhooks?account=x",
  );
  await waitFor(() => expect(asked[0]).toBeNull());
  expect(asked).not.toContain("x");
});

test.each([404, 410, 422])("a code that the API refuses with %i is an expired link", async (status) => {
  open({ "POST /portal-sessions/exchange": problem(status, "not_found", "No such code.") });
  await screen.findByRole("heading", { name: "This link has expired" });
  expect(screen.getByRole("alert").textContent).toBe(
    "This link has expiredOpen it again from your product.Request req-1",
  );
});

test("an outage of the exchange is told as such", async () => {
  open({ "POST /portal-sessions/exchange": problem(503, "temporarily_unavailable", "DynamoDB does not respond.") });
  expect((await screen.findByRole("alert")).textContent).toContain("DynamoDB does not respond.");
});

test("a refused request ends the session, offers the way back and tells the embedding page", async () => {
  const { sessions } = open({ "GET /webhooks": problem(401, "invalid_token", "The session has ended.") });
  await screen.findByRole("heading", { name: "Your session has ended" });
  expect(screen.getByRole("alert").textContent).toContain("Open this page again from app.example.");
  expect(screen.getByRole("link", { name: "Back to app.example" })).toBeTruthy();
  expect(told).toHaveBeenCalledWith({ type: "latchhook:signed-out", reason: "ended" }, "https://app.example");
  expect(sessions.takeReturnAddress()).toBeNull();
});

test("each new height of the content is sent once", async () => {
  const { root } = open();
  await screen.findByRole("heading", { name: "Webhooks" });
  told.mockReset();
  let height = 640.2;
  root.getBoundingClientRect = () => ({ height }) as DOMRect;
  const changed = () => act(() => heights.forEach((each) => void each()));
  changed();
  changed();
  height = 700;
  changed();
  const sent = told.mock.calls.filter(([message]) => message.type === "latchhook:height");
  expect(sent).toEqual([
    [{ type: "latchhook:height", height: 641 }, "https://app.example"],
    [{ type: "latchhook:height", height: 700 }, "https://app.example"],
  ]);
});
