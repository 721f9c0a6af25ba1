import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, problem, renderInConsole, sessionToken } from "../testing";
import { Shell } from "./Shell";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const ADVISOR = sessionToken({ account_id: "own", role: "advisor", client_account_ids: ["client"] });

function open(path: string, options: { token?: string; routes?: Record<string, unknown> } = {}) {
  const { token = sessionToken(), routes = {} } = options;
  return renderInConsole(<Shell />, { path, token, answer: api(routes) });
}

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
  const routes = {
    "GET /api-keys": ({ headers }: Request) =>
      headers.get("X-Account-Id") === "other" ? refusal.clone() : { data: [], nextCursor: null },
  };
  open("/webhooks?account=other", { token: ADVISOR, routes });
  const notice = await screen.findByRole("alert");
  for (const text of ["names an account that you may not manage", "Your role is advisor.", "req-1"]) {
    expect(notice.textContent).toContain(text);
  }
  await user.click(screen.getAllByLabelText("Account")[0] as HTMLElement);
  await user.click(await screen.findByRole("option", { name: "own" }));
  await screen.findByRole("heading", { name: "Webhooks" });
});

test("the chosen account stays in the URL of each tab", async () => {
  const { requests } = open("/webhooks?account=client", { token: ADVISOR });
  await screen.findByRole("heading", { name: "Webhooks" });
  await user.click(screen.getByRole("link", { name: "Usage" }));
  await screen.findByRole("heading", { name: "Usage" });
  expect(window.location.search).toBe("?account=client");
  await waitFor(() => expect(requests.at(-1)?.headers.get("X-Account-Id")).toBe("client"));
});
