import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { Recovery, Webhook } from "../../../api/schema";
import { api, changes, problem, renderInConsole } from "../../../testing";
import { aWebhook } from "../../testing";
import WebhooksPage from "../../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const RUNNING: Recovery = {
  id: "r-1",
  webhookId: aWebhook().id,
  only: "failed",
  since: "2026-03-03T10:00:00Z",
  until: "2026-03-04T10:00:00Z",
  status: "running",
  lookingFor: "failed",
  reachedAt: null,
  examined: 0,
  sent: 0,
  skipped: 0,
  createdAt: "2026-03-04T10:00:00Z",
  updatedAt: "2026-03-04T10:00:00Z",
  endedAt: null,
};

function open(query: string, routes: Record<string, unknown> = {}, webhook: Webhook = aWebhook()) {
  const answer = api({ "GET /webhooks/*": webhook, "POST /webhooks/*/recover": RUNNING, ...routes });
  return renderInConsole(<WebhooksPage />, { path: `/webhooks/${webhook.id}/recoveries${query}`, answer });
}

const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
const recover = () => press("Recover");

test("a chosen time must be in the past", async () => {
  const { requests } = open("?open=recover");
  fireEvent.change(await screen.findByLabelText("Events since"), { target: { value: "own" } });
  await recover();
  await screen.findByText("Choose a day and a time.");
  fireEvent.change(screen.getByLabelText("Since when"), { target: { value: "2999-01-01T00:00" } });
  await recover();
  await screen.findByText("Choose a time that is over.");
  expect(await changes(requests)).toEqual([]);
  fireEvent.change(screen.getByLabelText("Since when"), { target: { value: "2026-01-01T00:00" } });
  await recover();
  await waitFor(async () =>
    expect((await changes(requests))[0]?.[1]).toEqual({ since: "2025-12-31T23:00:00.000Z", only: null }),
  );
});

test("a second concurrent recovery is refused with the reason", async () => {
  const detail = "Another recovery of this webhook is running. Wait until it finishes, or cancel it.";
  open("?open=recover", { "POST /webhooks/*/recover": problem(409, "recovery_running", detail) });
  await recover();
  const notice = await screen.findByRole("alert");
  for (const text of ["The recovery wasn't started", detail, "req-1"]) expect(notice.textContent).toContain(text);
});

test("a running recovery can be stopped", async () => {
  let status: Recovery["status"] = "running";
  const now = () => ({ ...RUNNING, status, endedAt: status === "running" ? null : RUNNING.updatedAt });
  const { requests } = open("", {
    "GET /webhooks/*/recoveries": () => ({ data: [now()], nextCursor: null }),
    "GET /webhooks/*/recoveries/*": now,
    "POST /webhooks/*/recoveries/*/cancel": () => {
      status = "cancelled";
      return now();
    },
  });
  await screen.findByText("Running");
  expect(screen.getByRole("progressbar")).toBeTruthy();
  await press("Stop");
  await screen.findByText("Cancelled");
  expect(screen.queryByRole("progressbar")).toBeNull();
  expect(await changes(requests)).toHaveLength(1);
});

test("a webhook that was enabled again offers a recovery since its failure", async () => {
  const since = "2026-03-03T10:00:00Z";
  const { requests } = open("", {}, aWebhook({ recoverSince: since }));
  expect((await screen.findByRole("alert")).textContent).toContain("Recover what was missed?");
  await user.click(screen.getAllByRole("button", { name: "Recover deliveries" })[0] as HTMLElement);
  const field = (await screen.findByLabelText("Events since")) as HTMLSelectElement;
  expect(field.selectedOptions[0]?.textContent).toContain("Before it failed");
  await recover();
  await waitFor(async () => expect((await changes(requests))[0]?.[1]).toMatchObject({ since }));
});

test("without a recovery the screen says what one does", async () => {
  open("");
  await screen.findByRole("heading", { name: "No recovery yet" });
});
