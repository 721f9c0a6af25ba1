import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { CreateKeyBody } from "../../api/schema";
import { api, changes, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";
import { aKey } from "../testing";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

function open(routes: Record<string, unknown>) {
  return renderInConsole(<ApiKeysPage />, { path: "/api-keys?open=create", answer: api(routes) });
}

const created = { "POST /api-keys": { ...aKey({ name: "Created" }), key: "lh_live_created" } };
const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const turnOn = (name: string) => user.click(screen.getByRole("switch", { name: new RegExp(`^${name}`) }));

test("a key is created with every limit", async () => {
  const { requests } = open(created);
  await screen.findByLabelText("Name");
  fill("Name", "Limited");
  await press("Read only");
  fill("Expires", "date");
  fill("Last day on which it works", "2031-12-31");
  await turnOn("Rate limit");
  fill("Requests", "600");
  fill("At once", "20");
  await turnOn("Credits");
  fill("Left now", "5000");
  fill("Refilled", "monthly");
  fill("Set to", "4000");
  await turnOn("Only from certain addresses");
  fill("Addresses", "203.0.113.0/24\n2001:db8::/32");
  await turnOn("Metadata");
  fill("Metadata as JSON", '{"team": "fulfilment"}');
  await press("Create key");
  await screen.findByRole("dialog", { name: "Created is created" });
  const [[asked, body]] = (await changes(requests)) as [[string, CreateKeyBody]];
  expect(asked).toBe("POST /api-keys");
  expect(body).toMatchObject({
    name: "Limited",
    scopes: ["orders:read", "webhooks:read"],
    expiresAt: "2031-12-31T23:00:00.000Z", // the end of the day in Berlin
    rateLimit: { limit: 600, windowSeconds: 60, burst: 20 },
    credits: { remaining: 5000, refill: { amount: 4000, interval: "monthly" } },
    ipAllowList: ["203.0.113.0/24", "2001:db8::/32"],
    metadata: { team: "fulfilment" },
  });
});

test("a key with a profile needs a chosen profile", async () => {
  const profiles = { data: [{ id: "p-1", name: "Order readers", description: null, rules: [] }], nextCursor: null };
  const { requests } = open({ ...created, "GET /permission-profiles": profiles });
  await user.click(await screen.findByText("Permission profile"));
  fill("Name", "Partner");
  await press("Create key");
  await screen.findByText("Choose a profile.");
  fill("Profile", "p-1");
  await press("Create key");
  await screen.findByRole("dialog", { name: "Created is created" });
  expect((await changes(requests))[0]?.[1]).toMatchObject({ name: "Partner", profileId: "p-1" });
});

test("errors are shown at their field", async () => {
  const errors = [{ pointer: "/ipAllowList/0", detail: "Must be an IPv4 or IPv6 address." }];
  open({ "POST /api-keys": problem(422, "invalid_fields", "One field is invalid.", { errors }) });
  await press("Create key");
  await screen.findByText("Give it a name.");
  fill("Name", "Office");
  await turnOn("Only from certain addresses");
  fill("Addresses", "203.0.113.7/24");
  await press("Create key");
  const notice = await screen.findByRole("alert");
  expect(notice.textContent).toContain("The key wasn't created");
  expect(notice.textContent).toContain("req-1");
  const addresses = screen.getByLabelText("Addresses");
  await waitFor(() => expect(addresses.getAttribute("aria-invalid")).toBe("true"));
  expect(document.activeElement).toBe(addresses);
});

test("a repeated request has the same idempotency key, and a lost secret is explained", async () => {
  let isLost = true;
  const { requests } = open({
    "POST /api-keys": () => {
      if (!isLost) return { ...aKey({ name: "Sent twice" }), key: null };
      isLost = false;
      throw new TypeError("Failed to fetch");
    },
  });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Sent twice" } });
  await press("Create key");
  expect((await screen.findByRole("alert")).textContent).toContain("The API doesn't answer.");
  await press("Create key");
  await screen.findByText(/the answer got lost on its way/);
  const sent = requests.filter(({ method }) => method === "POST");
  expect(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  expect(sent).toHaveLength(2);
  await press("Rotate the key");
  await screen.findByRole("dialog", { name: "Rotate key" });
});

test("a form with input asks before it is discarded", async () => {
  open(created);
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Half done" } });
  await user.keyboard("{Escape}");
  const question = await screen.findByRole("dialog", { name: "Discard what you entered?" });
  await user.click(within(question).getByRole("button", { name: "Keep editing" }));
  expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Half done");
  await user.keyboard("{Escape}");
  await press("Discard");
  await waitFor(() => expect(window.location.search).toBe(""));
});

test("the owner is chosen among the members", async () => {
  const member = { userId: "auth0|7", name: "Mira Okafor", email: null };
  const { requests } = open({ ...created, "GET /members": { data: [member], nextCursor: null } });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Hers" } });
  await user.type(screen.getAllByLabelText("Owner")[0] as HTMLElement, "mira");
  await user.click(await screen.findByRole("option", { name: /Mira Okafor/ }));
  await turnOn("Follow the owner's rights");
  await press("Create key");
  await screen.findByRole("dialog", { name: "Created is created" });
  expect((await changes(requests))[0]?.[1]).toMatchObject({ ownerUserId: "auth0|7", followsOwner: true });
});

test("an owner who can't be followed is reported at the switch", async () => {
  const detail = "The owner must be a member of the account with a role other than none.";
  const errors = [{ pointer: "/followsOwner", detail }];
  open({ "POST /api-keys": problem(422, "invalid_fields", "One field is invalid.", { errors }) });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Hers" } });
  await turnOn("Follow the owner's rights");
  await press("Create key");
  await waitFor(() => expect(screen.getAllByText(detail, { exact: false })).toHaveLength(2));
  expect(document.activeElement).toBe(screen.getByRole("switch", { name: /^Follow the owner's rights/ }));
});
