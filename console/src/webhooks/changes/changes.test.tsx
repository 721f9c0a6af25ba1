import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, changes, renderInConsole } from "../../testing";
import { aWebhook } from "../testing";
import WebhooksPage from "../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const HOOK = aWebhook({
  headers: { Authorization: "[redacted]", "X-Team": "red" },
  filter: { entity: { a: [1], b: [2] } },
});

function open(dialog: string, routes: Record<string, unknown> = {}, attempts = 0) {
  const last24Hours = [{ hour: "2026-03-04T09:00:00Z", attempts, failed: 0 }];
  const answer = api({
    "GET /webhooks": { data: [HOOK], nextCursor: null },
    "GET /webhooks/*": HOOK,
    "GET /webhooks/stats": { data: [], webhooks: [{ id: HOOK.id, attempts, failed: 0, last24Hours }] },
    ...routes,
  });
  return renderInConsole(<WebhooksPage />, { path: `/webhooks?open=${dialog}.${HOOK.id}`, answer });
}

const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

test("a repeated rotation has the same idempotency key", async () => {
  let isLost = false;
  const { requests } = open("rotate", {
    "POST /webhooks/*/rotate-secret": () => {
      if (isLost) return { ...HOOK, secret: null, previousSecretsSignUntil: null };
      isLost = true;
      throw new TypeError("Failed to fetch");
    },
  });
  await press("Rotate secret");
  expect((await screen.findByRole("alert")).textContent).toContain("The API doesn't answer.");
  await press("Rotate secret");
  await screen.findByText(/the answer got lost on its way/);
  const sent = requests.filter(({ method }) => method === "POST");
  expect(sent).toHaveLength(2);
  expect(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  await press("Later");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("an edit sends only changes, and secret headers again for a new receiver", async () => {
  const { requests } = open("edit", { "PATCH /webhooks/*": HOOK });
  await screen.findByLabelText("Address");
  fill("Address", "https://elsewhere.example.com/in");
  fill("Filter as JSON", '{"entity": {"b": [2, 3]}}');
  await press("Remove header X-Team");
  await press("Save");
  await screen.findByText("Another receiver: enter the value again.");
  expect(await changes(requests)).not.toContainEqual([expect.stringMatching(/^PATCH/), expect.anything()]);
  fill("Header 1, value", "Bearer again");
  await press("Save");
  await waitFor(async () =>
    expect((await changes(requests)).filter(([asked]) => asked.startsWith("PATCH"))).toEqual([
      [
        `PATCH /webhooks/${HOOK.id}`,
        {
          url: "https://elsewhere.example.com/in",
          filter: { entity: { a: null, b: [2, 3] } },
          headers: { Authorization: "Bearer again", "X-Team": null },
        },
      ],
    ]),
  );
});

test("a webhook in use is deleted only after its host is typed", async () => {
  const { requests } = open("delete", { "DELETE /webhooks/*": new Response(null, { status: 204 }) }, 3);
  await screen.findByLabelText("Type hooks.example.com to confirm");
  const confirm = screen.getByRole("button", { name: "Delete webhook" }) as HTMLButtonElement;
  expect(confirm.disabled).toBe(true);
  fill("Type hooks.example.com to confirm", "hooks.example.com");
  await user.click(confirm);
  await screen.findByText(/^hooks\.example\.com is deleted/);
  expect(await changes(requests)).toEqual([[`DELETE /webhooks/${HOOK.id}`, null]]);
});

test("an unused webhook is deleted after a simple confirmation", async () => {
  open("delete", { "DELETE /webhooks/*": new Response(null, { status: 204 }) });
  await waitFor(() =>
    expect((screen.getByRole("button", { name: "Delete webhook" }) as HTMLButtonElement).disabled).toBe(false),
  );
  await press("Delete webhook");
  await screen.findByText(/^hooks\.example\.com is deleted/);
});
