import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { aKey } from "../api-keys/testing";
import { api, later, problem, renderInConsole } from "../testing";
import UsagePage from "./UsagePage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const STATS = {
  data: [{ date: "2026-05-02", attempts: 2, succeeded: 1, failed: 1, successRate: 0.5 }],
  webhooks: [],
};

function open(path: string, routes: Record<string, unknown> = {}) {
  return renderInConsole(<UsagePage />, { path, answer: api({ "GET /webhooks/stats": STATS, ...routes }) });
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const region = (name: string) => within(screen.getByRole("region", { name }));
const links = (name: string) =>
  region(name)
    .queryAllByRole("link")
    .map((link) => link.textContent)
    .filter((text) => text !== "Revoke unused…");

test("unused and expiring keys are listed", async () => {
  const keys = [
    aKey({ name: "Never used", createdAt: daysAgo(200) }),
    aKey({ name: "Unused for months", createdAt: daysAgo(300), lastUsedAt: daysAgo(100) }),
    aKey({ name: "Unused for weeks", createdAt: daysAgo(300), lastUsedAt: daysAgo(40) }),
    aKey({ name: "Just made", createdAt: daysAgo(0) }),
    aKey({ name: "Ends soon", createdAt: daysAgo(0), expiresAt: daysAgo(-10) }),
    aKey({ name: "Ends later", createdAt: daysAgo(0), expiresAt: daysAgo(-40) }),
  ];
  open("/usage", { "GET /api-keys": { data: keys, nextCursor: null } });
  await screen.findByText("Ends soon");
  expect(links("Unused keys")).toEqual(["Never used", "Unused for months", "Unused for weeks"]);
  expect(links("Expire soon")).toEqual(["Ends soon"]);
  await user.click(region("Unused keys").getByText("90 days"));
  await waitFor(() => expect(links("Unused keys")).toEqual(["Never used", "Unused for months"]));
  const revoke = screen.getByRole("link", { name: "Revoke unused…" });
  expect(revoke.getAttribute("href")).toBe("/api-keys?open=revoke-unused.90");
});

test("at most the newest 1,000 keys are counted, and the screen says so", async () => {
  let pages = 0;
  const { requests } = open("/usage?days=7", {
    "GET /api-keys/usage": () => {
      pages += 1;
      const data = Array.from({ length: 100 }, (_, at) => ({
        keyId: `k-${pages}-${at}`,
        name: `Key ${pages}-${at}`,
        prefix: "lh_live_abcd",
        requests: 1,
        data: [{ day: "2026-05-02", requests: 1 }],
      }));
      return { data, nextCursor: `cursor${pages}` };
    },
  });
  const requested = await screen.findByRole("region", { name: "Requests" });
  await waitFor(() =>
    expect(requested.textContent).toContain("By 1,000 of the newest 1,000 keys. Older keys aren't counted."),
  );
  const asked = requests.filter(({ url }) => url.includes("/api-keys/usage"));
  expect(asked).toHaveLength(10);
  expect(asked.at(-1)?.url).toContain("cursor=cursor9");
  const table = screen.getByRole("table", { name: "Requests by key" });
  expect(table.querySelectorAll("tbody tr").length).toBeLessThan(20);
  await user.click(screen.getByRole("button", { name: "Show all 1,000" }));
  expect(table.querySelectorAll("tbody tr")).toHaveLength(1000);
});

test("an account without use is told what to do", async () => {
  open("/usage", {
    "GET /webhooks/stats": { data: [{ date: "2026-05-02", attempts: 0, succeeded: 0, failed: 0 }], webhooks: [] },
  });
  await screen.findByRole("heading", { name: "Nothing has been used yet" });
  const create = screen.getByRole("link", { name: "Create an API key" });
  expect(create.getAttribute("href")).toBe("/api-keys?open=create");
});

test("loading and failing are shown in place", async () => {
  const numbers = later();
  open("/usage", { "GET /api-keys/usage": numbers.answer, "GET /webhooks/stats": numbers.answer });
  await waitFor(() => expect(screen.getAllByRole("status", { name: "Loading" })).toHaveLength(2));
  numbers.give(problem(400, "temporarily_unavailable", "DynamoDB does not respond. Try again."));
  await screen.findByText("Requests couldn't be loaded");
  await screen.findByText("Deliveries couldn't be loaded");
});

test("a URL below usage is a missing page", async () => {
  open("/usage/nothing");
  await screen.findByRole("heading", { name: "There is nothing at this address" });
});
