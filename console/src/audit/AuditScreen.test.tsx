import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { AuditEvent } from "../api/schema";
import { api, later, problem, renderInConsole } from "../testing";
import AuditPage from "./AuditPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const KEY = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

function event(action: string, fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: action,
    action,
    targetId: KEY,
    actor: { kind: "user", id: "user-1", isOperator: false, actingUserId: null },
    sourceIp: "203.0.113.7",
    requestId: "req-7",
    occurredAt: "2026-05-26T09:05:00Z",
    details: {},
    ...fields,
  } as AuditEvent;
}

const EVENTS = [
  event("api_key.updated", { details: { changed: ["name", "description"] } }),
  event("request.refused", {
    targetId: "acme",
    actor: { kind: "api_key", id: KEY, isOperator: false, actingUserId: null },
    details: { code: "insufficient_scope", route: "POST /api-keys" },
  }),
  event("webhook.deleted", { targetId: "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13" }),
];

function open(path: string, list: unknown = { data: EVENTS, nextCursor: null }) {
  const named = { keyId: KEY, name: "Production", prefix: "lh_live_abcd", requests: 0, data: [] };
  const routes = { "GET /audit-events": list, "GET /api-keys/usage": { data: [named], nextCursor: null } };
  return renderInConsole(<AuditPage />, { path, answer: api(routes) });
}

const asked = (requests: readonly Request[]) =>
  requests.filter(({ url }) => url.includes("/audit-events")).map(({ url }) => new URL(url).searchParams);

test("events are sentences with links to objects that exist", async () => {
  open("/audit");
  const rows = await screen.findAllByRole("listitem");
  const lines = rows.map((row) => row.textContent);
  expect(lines[0]).toContain("You changed the API key Production");
  expect(lines[0]).toContain("Changed: name, description");
  expect(lines[1]).toContain("Key Production tried POST /api-keys");
  expect(lines[1]).toContain("Refused: insufficient scope");
  expect(lines[2]).toContain("You deleted the webhook 8d3f1c52…");
  expect(screen.getByRole("link", { name: "Production" }).getAttribute("href")).toBe(`/api-keys/${KEY}`);
  expect(screen.queryByRole("link", { name: /8d3f1c52/ })).toBeNull();
});

test("details are opened by keyboard, are in the URL and filter for related events", async () => {
  const { requests } = open("/audit");
  const details = await screen.findByRole("button", { name: "Details of api_key.updated" });
  details.focus();
  await user.keyboard("{Enter}");
  expect(details.getAttribute("aria-expanded")).toBe("true");
  expect(window.location.search).toContain("api_key.updated");
  expect(screen.getByText(KEY)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "All about this API key" }));
  await waitFor(() => expect(asked(requests).at(-1)?.get("targetId")).toBe(KEY));
  expect(window.location.search).toBe(`?target=${KEY}`);
  await user.click(await screen.findByRole("button", { name: /show what was done to anything$/ }));
  await waitFor(() => expect(window.location.search).toBe(""));
});

test("filters of the URL are sent to the API and shown", async () => {
  const { requests } = open(`/audit?action=webhook.*&period=1&actor=${KEY}`);
  await screen.findAllByRole("listitem");
  expect(Object.fromEntries(asked(requests)[0] ?? [])).toMatchObject({ action: "webhook.*", actorId: KEY });
  expect((screen.getByLabelText("Action") as HTMLSelectElement).value).toBe("webhook.*");
  expect((screen.getByLabelText("Who") as HTMLSelectElement).value).toBe(KEY);
  fireEvent.change(screen.getByLabelText("Action"), { target: { value: "request.refused" } });
  await waitFor(() => expect(asked(requests).at(-1)?.get("action")).toBe("request.refused"));
});

test("a page without a match offers to look further", async () => {
  open("/audit?action=webhook.deleted", ({ url }: Request) => ({
    data: [],
    nextCursor: url.includes("cursor=") ? null : "more",
  }));
  await user.click(await screen.findByRole("button", { name: "Look further" }));
  await screen.findByRole("heading", { name: "Nothing fits" });
  await user.click(screen.getByRole("button", { name: "Show all events" }));
  await waitFor(() => expect(window.location.search).toBe(""));
});

test("an older page stays in the URL", async () => {
  open("/audit", ({ url }: Request) =>
    url.includes("cursor=")
      ? { data: [event("api_key.created")], nextCursor: null }
      : { data: EVENTS, nextCursor: "second" },
  );
  await user.click(await screen.findByRole("button", { name: "Next" }));
  await screen.findByRole("button", { name: "Details of api_key.created" });
  expect(window.location.search).toContain("cursor=second");
  await user.click(screen.getByRole("button", { name: "Previous" }));
  await screen.findByRole("button", { name: "Details of request.refused" });
});

test("empty, loading and failing states are shown", async () => {
  const list = later();
  open("/audit", list.answer);
  await screen.findByText("Loading");
  list.give({ data: [], nextCursor: null });
  await screen.findByRole("heading", { name: "Nothing has happened yet" });
});

test("an outage is explained", async () => {
  open("/audit", problem(400, "temporarily_unavailable", "DynamoDB does not respond. Try again."));
  const notice = await screen.findByRole("alert");
  expect(notice.textContent).toContain("The events couldn't be loaded");
  expect(notice.textContent).toContain("DynamoDB does not respond. Try again.");
});
