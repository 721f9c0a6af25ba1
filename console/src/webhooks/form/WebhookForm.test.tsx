import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { CreateWebhookBody } from "../../api/schema";
import { api, changes, problem, renderInConsole } from "../../testing";
import { aWebhook } from "../testing";
import WebhooksPage from "../WebhooksPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const OWN_SECRET = "a secret that the receiver has";
const TYPES = {
  data: ["api_key.created", "api_key.exposed", "webhook.failing"].map((name) => ({ name, example: {} })),
  nextCursor: null,
};

function open(routes: Record<string, unknown> = {}) {
  const answer = api({
    "GET /event-types": TYPES,
    "POST /webhooks": { ...aWebhook(), secret: "whsec_made" },
    ...routes,
  });
  return renderInConsole(<WebhooksPage />, { path: "/webhooks?open=create", answer });
}

const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
const choose = async (name: string) => user.click(await screen.findByText(name));
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const turnOn = (name: string) => user.click(screen.getByRole("switch", { name: new RegExp(`^${name}`) }));
const search = () => screen.findByRole("searchbox", { name: /^Search events/ });

test("all chosen settings are sent", async () => {
  const { requests } = open();
  await screen.findByLabelText("Address");
  fill("Address", "https://hooks.example.com/in");
  fill("Description", "Warehouse, ask Grace");
  await choose("Chosen ones");
  await user.click(await screen.findByRole("checkbox", { name: /^api_key\.\*/ }));
  fireEvent.change(await search(), { target: { value: "exposed" } });
  const exposed = screen.getByRole("checkbox", { name: /^api_key\.exposed/ }) as HTMLInputElement;
  expect([exposed.checked, exposed.disabled]).toEqual([true, true]);
  fireEvent.change(await search(), { target: { value: "lap.time.*" } });
  await user.type(await search(), "{Enter}");
  await screen.findByRole("button", { name: "Remove lap.time.*" });
  await choose("Use my own");
  fill("Your own secret", OWN_SECRET);
  await press("Add a header");
  fill("Header 1, name", "X-Team");
  fill("Header 1, value", "red");
  await turnOn("Rate limit");
  fill("Requests", "50");
  fill("In", "60");
  await turnOn("Own retry schedule");
  fill("Waits between attempts", "2 s, 1 min");
  await turnOn("Ed25519 signatures, too");
  await press("Create webhook");
  await screen.findByRole("dialog", { name: "hooks.example.com is created" });
  const [[asked, body]] = (await changes(requests)) as [[string, CreateWebhookBody]];
  expect(asked).toBe("POST /webhooks");
  expect(body).toMatchObject({
    url: "https://hooks.example.com/in",
    description: "Warehouse, ask Grace",
    events: ["api_key.*", "lap.time.*"],
    secret: OWN_SECRET,
    headers: { "X-Team": "red" },
    rateLimit: { limit: 50, windowSeconds: 60 },
    retryScheduleSeconds: [2, 60],
    asymmetricSignatures: true,
  });
});

test("events are chosen by groups, and an unknown event can be added", async () => {
  open();
  await choose("Chosen ones");
  await screen.findByRole("checkbox", { name: /^webhook\.failing/ });
  fireEvent.change(await search(), { target: { value: "unknown.event.name" } });
  await press("Add unknown.event.name");
  fireEvent.change(await search(), { target: { value: "key" } });
  await user.click(screen.getByRole("checkbox", { name: /^api_key\.\*/ }));
  await screen.findByText("1 event and 1 whole group chosen");
  expect(screen.queryByRole("checkbox", { name: /^webhook\.failing/ })).toBeNull();
});

test("errors are shown at their field", async () => {
  const errors = [{ pointer: "/headers/webhook-id", detail: "This header belongs to the delivery." }];
  open({ "POST /webhooks": problem(422, "invalid_fields", "One field is invalid.", { errors }) });
  await press("Create webhook");
  await screen.findByText("Say where events go.");
  fill("Address", "https://hooks.example.com/in");
  await press("Add a header");
  fill("Header 1, name", "webhook-id");
  fill("Header 1, value", "mine");
  await press("Create webhook");
  const notice = await screen.findByRole("alert");
  for (const text of ["The webhook wasn't created", "req-1"]) expect(notice.textContent).toContain(text);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Header 1, name")));
});

test("all event types are loaded, however fast their pages come", async () => {
  let pages = 0;
  open({
    "GET /event-types": () => {
      pages += 1;
      return { data: [{ name: `page${pages}.loaded`, example: {} }], nextCursor: pages < 5 ? `page-${pages}` : null };
    },
  });
  await choose("Chosen ones");
  await screen.findByRole("checkbox", { name: /^page5\.loaded/ });
});

/** Let the first request reach the API without its answer; the repeat has no secret. */
function losing() {
  let isLost = false;
  return () => {
    if (isLost) return { ...aWebhook(), secret: null };
    isLost = true;
    throw new TypeError("Failed to fetch");
  };
}

test("a repeated request has the same idempotency key, and a lost secret is explained", async () => {
  const { requests } = open({ "POST /webhooks": losing(), "GET /webhooks/*": aWebhook() });
  fireEvent.change(await screen.findByLabelText("Address"), { target: { value: "https://hooks.example.com/in" } });
  await press("Create webhook");
  expect((await screen.findByRole("alert")).textContent).toContain("The API doesn't answer.");
  await press("Create webhook");
  await screen.findByText(/the answer got lost on its way/);
  const sent = requests.filter(({ method }) => method === "POST");
  expect(sent).toHaveLength(2);
  expect(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  await press("Rotate the secret");
  await screen.findByRole("dialog", { name: "Rotate secret" });
});

test("an own secret survives a lost answer", async () => {
  open({ "POST /webhooks": losing() });
  fireEvent.change(await screen.findByLabelText("Address"), { target: { value: "https://hooks.example.com/in" } });
  await choose("Use my own");
  fill("Your own secret", OWN_SECRET);
  await press("Create webhook");
  await screen.findByText("The API doesn't answer.", { exact: false });
  await press("Create webhook");
  await screen.findByRole("dialog", { name: "hooks.example.com is created" });
  expect(screen.getAllByText(OWN_SECRET).length).toBeGreaterThan(0);
});
