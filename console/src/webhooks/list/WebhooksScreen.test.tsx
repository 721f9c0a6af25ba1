import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, later, problem, renderInConsole } from "../../testing";
import { aWebhook } from "../testing";
import WebhooksPage from "../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

function open(path: string, list: unknown, stats: unknown = { data: [], webhooks: [] }) {
  const answer = api({ "GET /webhooks": list, "GET /webhooks/stats": stats });
  return renderInConsole(<WebhooksPage />, { path, answer });
}

const HOOKS = [
  ...Array.from({ length: 7 }, (_, at) =>
    aWebhook({ id: `w-${at}`, url: `https://example.com/hooks-${at}`, events: [`order${at}.created`] }),
  ),
  aWebhook({ id: "w-7", url: "https://example.com/paused", description: "The night watch", status: "paused" }),
];
const LIST = { data: HOOKS, nextCursor: null };
const rows = () => screen.getAllByRole("row").length - 1;

test("search and status of the list are in the URL", async () => {
  open("/webhooks", LIST);
  await screen.findByText("The night watch");
  expect(rows()).toBe(8);
  await user.keyboard("/night");
  await waitFor(() => expect(rows()).toBe(1));
  expect(window.location.search).toBe("?search=night");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(rows()).toBe(8));
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "order3." } });
  await waitFor(() => expect(rows()).toBe(1));
  fireEvent.change(screen.getByLabelText("Status"), { target: { value: "paused" } });
  await screen.findByRole("heading", { name: "No webhook fits" });
  await user.click(screen.getByRole("button", { name: "Show all webhooks" }));
  await waitFor(() => expect(rows()).toBe(8));
  expect(window.location.search).toBe("");
});

test("a list opened by its URL has that status", async () => {
  open("/webhooks?status=paused", LIST);
  await screen.findByText("The night watch");
  expect(rows()).toBe(1);
});

test("the last day of each webhook is shown", async () => {
  const last24Hours = Array.from({ length: 24 }, (_, hour) => ({
    hour: `2026-03-04T${String(hour).padStart(2, "0")}:00:00Z`,
    attempts: hour < 3 ? 0 : 1000,
    failed: hour === 9 ? 21 : 0,
  }));
  const busy = { id: "w-0", attempts: 21_000, failed: 21, last24Hours };
  open("/webhooks", { data: [HOOKS[0], HOOKS[1]], nextCursor: null }, { data: [], webhooks: [busy] });
  await screen.findByRole("img", { name: "Last 24 hours: 21,000 attempts, 21 failed" });
  expect(screen.getAllByRole("row")[1]?.textContent).toContain("99.9%of 21");
});

test("a list that cannot be loaded shows the reason", async () => {
  open("/webhooks", problem(429, "too_many_requests", "Try again in a moment."));
  const notice = await screen.findByRole("alert");
  for (const text of ["The webhooks couldn't be loaded", "Try again in a moment.", "req-1"]) {
    expect(notice.textContent).toContain(text);
  }
});

test("a placeholder is shown until the list is there", async () => {
  const list = later();
  open("/webhooks", list.answer);
  await screen.findByText("Loading");
  list.give({ data: [], nextCursor: null });
  await screen.findByRole("heading", { name: "No webhooks yet" });
  await user.click(screen.getByRole("button", { name: "New webhook" }));
  await screen.findByRole("dialog", { name: "New webhook" });
});
