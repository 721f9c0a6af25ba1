import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { Delivery, Webhook } from "../../../api/schema";
import { api, changes, problem, renderInConsole } from "../../../testing";
import { aDelivery, anAttempt, aWebhook } from "../../testing";
import WebhooksPage from "../../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

function open(
  delivery: Delivery | (() => unknown),
  options: { webhook?: Webhook; routes?: object; query?: string } = {},
) {
  const { webhook = aWebhook(), routes = {}, query = "" } = options;
  const answer = api({ "GET /webhooks/*": webhook, "GET /webhooks/*/deliveries/*": delivery, ...routes });
  return renderInConsole(<WebhooksPage />, { path: `/webhooks/${webhook.id}/deliveries/d-1${query}`, answer });
}

const response = (body: string, fields: object = {}) => ({
  status: 500,
  headers: {},
  body,
  truncated: false,
  ...fields,
});
const region = (name: string) => screen.findByRole("region", { name });

test("a response of bytes is shown as symbols", async () => {
  open(aDelivery([anAttempt({ response: response("\u0000\u0001\u0002\ufffd") })]));
  expect((await region("The response body")).textContent).toContain("␀␁␂");
  expect((await region("Response")).textContent).toContain("Bytes that are no text are shown, and copied, as �.");
});

test("a response that was cut says so", async () => {
  open(aDelivery([anAttempt({ response: response("x".repeat(65_536), { truncated: true }) })]));
  const shown = (await region("Response")).textContent;
  expect(shown).toContain("First 64.0 KiB");
  expect(shown).toContain("The receiver sent more. Only this beginning is kept.");
});

test("characters that change the direction of text are named", async () => {
  open(aDelivery([anAttempt({ response: response("invoice\u202efdp.exe\u2066") })]));
  expect((await region("The response body")).textContent).toBe("invoice‹U+202E›fdp.exe‹U+2066›");
});

test("a failure without a response is explained", async () => {
  const failed = anAttempt({
    status: "failed",
    response: null,
    errorMessage: "Connection refused at https://hooks.example.com/in",
  });
  open(aDelivery([failed]));
  await screen.findByText(/Connection refused at https:\/\/hooks\.example\.com\/in/);
  expect((await region("Response")).textContent).toContain("No answer came.");
  await screen.findByText("Until it failed");
});

test("a paused webhook delays the next attempt and refuses a manual retry", async () => {
  const failed = anAttempt({ status: "failed", response: response("") });
  const delivery = aDelivery([failed], { nextAttemptAt: "2099-01-01T00:00:00Z" });
  open(delivery, { webhook: aWebhook({ status: "paused" }) });
  await screen.findByText("Attempt 2 waits until the webhook is resumed.");
  await screen.findByText("Resume the webhook to retry.");
  const button = screen.getByRole("button", { name: "Retry now" });
  expect(button.getAttribute("aria-disabled") ?? button.getAttribute("disabled")).not.toBeNull();
});

test("a refused retry shows the reason", async () => {
  const detail = "The webhook is not active. Activate it and try again.";
  const routes = { "POST /webhooks/*/deliveries/*/retry": problem(409, "webhook_not_active", detail) };
  const { requests } = open(aDelivery([anAttempt()]), { routes });
  await user.click(await screen.findByRole("button", { name: "Retry now" }));
  const notice = await screen.findByRole("alert");
  for (const text of ["The delivery wasn't retried", detail, "req-1"]) expect(notice.textContent).toContain(text);
  expect((await changes(requests)).map(([asked]) => asked)).toEqual([
    `POST /webhooks/${aWebhook().id}/deliveries/d-1/retry`,
  ]);
});

test("the shown attempt stays when another arrives", async () => {
  const soon = new Date(Date.now() + 1000).toISOString();
  const first = anAttempt({ status: "failed", response: response("") });
  let isDone = false;
  open(() =>
    isDone
      ? aDelivery([anAttempt({ attempt: 2, trigger: "retry" }), first])
      : aDelivery([first], { nextAttemptAt: soon }),
  );
  await screen.findByRole("heading", { name: "Attempt 1" });
  isDone = true;
  await screen.findByRole("button", { name: /Attempt 2/ });
  expect(screen.getByRole("heading", { name: "Attempt 1" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: /Attempt 2/ }));
  await screen.findByRole("heading", { name: "Attempt 2" });
  await waitFor(() => expect(window.location.search).toBe("?attempt=2"));
});

test("an attempt of the URL is shown", async () => {
  open(aDelivery([anAttempt({ attempt: 2 }), anAttempt({ status: "failed" })]), { query: "?attempt=1" });
  await screen.findByRole("heading", { name: "Attempt 1" });
});

test("a delivery of another account is a missing page", async () => {
  open(() => problem(404, "not_found", "No delivery with this id exists."));
  await screen.findByRole("heading", { name: "There is nothing at this address" });
});
