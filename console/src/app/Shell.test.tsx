import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { Me } from "../api/schema";
import { aMe, api, problem, renderInConsole, sessionToken } from "../testing";
import { Shell } from "./Shell";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const ADVISOR = sessionToken({ account_id: "own", role: "advisor", client_account_ids: ["client"] });

function open(path: string, options: { token?: string; me?: (request: Request) => unknown } = {}) {
  const { token = sessionToken(), me = aMe } = options;
  return renderInConsole(<Shell />, { path, token, answer: api({}), me });
}

/** A token of an identity provider whose claims the console cannot read. */
const OPAQUE = "opaque";
const caller = (fields: Partial<Me>) => (request: Request) => aMe(request, fields);
const tabNames = () =>
  within(screen.getByRole("navigation", { name: "Integrations" }))
    .getAllByRole("link")
    .map((link) => link.textContent);

test("an unknown URL shows that nothing is there", async () => {
  open("/nothing/here");
  await screen.findByRole("heading", { name: "There is nothing at this address" });
  await user.click(screen.getByRole("link", { name: "Go to API Keys" }));
  await screen.findByRole("heading", { name: "API keys" });
});

test("each tab has a URL and is marked as the current page", async () => {
  open("/audit");
  await screen.findByRole("heading", { name: "Audit" });
  expect(screen.getByRole("link", { name: "Audit" }).getAttribute("aria-current")).toBe("page");
  await user.click(screen.getByRole("link", { name: "Usage" }));
  await screen.findByRole("heading", { name: "Usage" });
  expect(window.location.pathname).toBe("/usage");
  window.history.back();
  await screen.findByRole("heading", { name: "Audit" });
});

test("an admin has no account switch", async () => {
  open("/webhooks");
  await screen.findByRole("heading", { name: "Webhooks" });
  expect(screen.queryByLabelText("Account")).toBeNull();
});

test("an advisor sees why an account is not accessible", async () => {
  const refusal = problem(403, "account_not_allowed", "X-Account-Id names an account that you may not manage.");
  const me = (request: Request) =>
    request.headers.get("X-Account-Id") === "other"
      ? refusal.clone()
      : aMe(request, { accountId: "own", clientAccountIds: ["client"], role: "advisor" });
  open("/webhooks?account=other", { token: ADVISOR, me });
  const notice = await screen.findByRole("alert");
  for (const text of ["names an account that you may not manage", "The role in your session is advisor.", "req-1"]) {
    expect(notice.textContent).toContain(text);
  }
  await user.click((await screen.findAllByLabelText("Account"))[0] as HTMLElement);
  await user.click(await screen.findByRole("option", { name: "own" }));
  await screen.findByRole("heading", { name: "Webhooks" });
});

test("the chosen account stays in the URL of each tab", async () => {
  const { requests } = open("/webhooks?account=client", {
    token: ADVISOR,
    me: caller({ clientAccountIds: ["client"], role: "advisor" }),
  });
  await screen.findByRole("heading", { name: "Webhooks" });
  await user.click(screen.getByRole("link", { name: "Usage" }));
  await screen.findByRole("heading", { name: "Usage" });
  expect(window.location.search).toBe("?account=client");
  await waitFor(() => expect(requests.at(-1)?.headers.get("X-Account-Id")).toBe("client"));
});

test("a session whose claims the console can't read works by the API's answer", async () => {
  const me = caller({ accountId: "own", clientAccountIds: ["client"], role: "advisor", scopes: ["*"], name: "Mira" });
  const { requests } = open("/webhooks", { token: OPAQUE, me });
  await screen.findByRole("heading", { name: "Webhooks" });
  screen.getByRole("button", { name: "Mira: account menu" });
  await user.click((await screen.findAllByLabelText("Account"))[0] as HTMLElement);
  await user.click(await screen.findByRole("option", { name: "client" }));
  await waitFor(() => expect(window.location.search).toBe("?account=client"));
  await waitFor(() => expect(requests.at(-1)?.headers.get("X-Account-Id")).toBe("client"));
  await user.click((await screen.findAllByLabelText("Account"))[0] as HTMLElement);
  await user.click(await screen.findByRole("option", { name: "own" }));
  await waitFor(() => expect(window.location.search).toBe(""));
});

test("tabs are those that the rights allow, and the first is opened", async () => {
  open("/", { token: OPAQUE, me: caller({ role: "member", scopes: ["webhooks:read", "audit-events:*"] }) });
  await screen.findByRole("heading", { name: "Webhooks" });
  expect(tabNames()).toEqual(["Webhooks", "Audit", "Apps"]);
  expect(screen.queryByRole("button", { name: "New webhook" })).toBeNull();
});

test("the address of a tab without the right says what is missing", async () => {
  open("/api-keys", { token: OPAQUE, me: caller({ role: "member", scopes: ["webhooks:read"] }) });
  await screen.findByRole("heading", { name: "You can't see API Keys here" });
  screen.getByText(/This page needs the scope api-keys:read\./);
});

test("a user without rights in the console sees the own apps", async () => {
  open("/", { token: OPAQUE, me: caller({ role: "member", scopes: ["orders:read"] }) });
  await screen.findByRole("heading", { name: "Connected by you" });
  expect(tabNames()).toEqual(["Apps"]);
});

test("an outage while the rights load can be retried", async () => {
  let fails = true;
  const me = (request: Request) => (fails ? problem(400, "malformed_request", "Try again.") : aMe(request));
  open("/", { token: OPAQUE, me });
  await screen.findByText("Your rights couldn't be loaded");
  fails = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("heading", { name: "API keys" });
});

test("one of 5,000 accounts is found by its name with the keyboard", async () => {
  const ids = Array.from({ length: 5000 }, (_, number) => `client-${number}`);
  const token = sessionToken({ role: "advisor", account_names: { "client-4321": "Northwind" } });
  open("/webhooks", { token, me: caller({ clientAccountIds: ids, role: "advisor" }) });
  await screen.findByRole("heading", { name: "Webhooks" });
  const [field] = (await screen.findAllByLabelText("Account")) as [HTMLElement];
  await user.click(field);
  await screen.findByText("4,951 more. Type to find them.");
  await user.clear(field);
  await user.type(field, "northw");
  await screen.findByRole("option", { name: /Northwind/ });
  await user.keyboard("{Enter}");
  await waitFor(() => expect(window.location.search).toBe("?account=client-4321"));
});
