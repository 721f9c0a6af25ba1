import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, changes, problem, renderInConsole } from "../../../testing";
import { anAttempt, aWebhook } from "../../testing";
import WebhooksPage from "../../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const HOOK = aWebhook();

function open(routes: Record<string, unknown> = {}) {
  const answer = api({ "GET /webhooks/*": HOOK, "POST /webhooks/*/test": anAttempt({ trigger: "test" }), ...routes });
  return renderInConsole(<WebhooksPage />, { path: `/webhooks/${HOOK.id}/deliveries?open=test`, answer });
}

const entity = () => screen.findByLabelText("Entity") as Promise<HTMLTextAreaElement>;
const eventField = () => screen.getAllByLabelText("Event")[0] as HTMLElement; // its choices have the same label
const send = () => user.click(screen.getByRole("button", { name: "Send" }));

test("a failed test event shows the reason and is sent by Ctrl+Enter", async () => {
  const { requests } = open({
    "POST /webhooks/*/test": anAttempt({
      trigger: "test",
      status: "failed",
      errorMessage: "HTTP 401 from https://hooks.example.com/in",
      response: { status: 401, headers: {}, body: "<b>bad signature</b>", truncated: false },
    }),
  });
  (await entity()).focus();
  await user.keyboard("{Control>}{Enter}{/Control}");
  await screen.findByText(/HTTP 401 from https:\/\/hooks\.example\.com\/in.*check how it verifies the signature/);
  await screen.findByText("<b>bad signature</b>");
  expect(await changes(requests)).toEqual([
    [`POST /webhooks/${HOOK.id}/test`, { event: "webhook.test", entity: { message: "This is a test." } }],
  ]);
});

test("a registered event type fills in its example", async () => {
  const example = { id: 42, severity: "major" };
  const { requests } = open({ "GET /event-types": { data: [{ name: "garage.opened", example }], nextCursor: null } });
  await entity();
  fireEvent.change(eventField(), { target: { value: "garage.opened" } });
  await waitFor(async () => expect((await entity()).value).toBe('{\n  "id": 42,\n  "severity": "major"\n}'));
  await send();
  await screen.findByText(/^HTTP 200 in/);
  expect((await changes(requests))[0]?.[1]).toEqual({ event: "garage.opened", entity: example });
});

test("malformed JSON is not sent", async () => {
  const { requests } = open();
  fireEvent.change(await entity(), { target: { value: '{\n  "id": 42,\n  oops\n}' } });
  await send();
  await screen.findByText("This isn't JSON: look at line 3.");
  fireEvent.change(await entity(), { target: { value: "[1, 2]" } });
  await send();
  await screen.findByText(/^An object is needed/);
  await user.click(screen.getByRole("button", { name: "Use the example" }));
  expect((await entity()).value).toBe('{\n  "message": "This is a test."\n}');
  expect(await changes(requests)).toEqual([]);
});

test("an invalid event name is refused at its field", async () => {
  const errors = [{ pointer: "/event", detail: "No event has this name." }];
  open({ "POST /webhooks/*/test": problem(422, "invalid_fields", "One field is invalid.", { errors }) });
  await entity();
  fireEvent.change(eventField(), { target: { value: "No Event!" } });
  await send();
  await screen.findByText("The test wasn't sent");
  expect(eventField().getAttribute("aria-invalid")).toBe("true");
});

test("Escape closes the dialog and leaves its URL", async () => {
  open();
  await entity();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(window.location.search).toBe("");
});
