import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { ApiKey } from "../../api/schema";
import { api, changes, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";
import { aKey } from "../testing";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

/** Open a dialog of the list by its URL. */
function open(dialog: string, key: ApiKey, routes: Record<string, unknown> = {}) {
  const answer = api({ "GET /api-keys": { data: [key], nextCursor: null }, "GET /api-keys/*": key, ...routes });
  return renderInConsole(<ApiKeysPage />, { path: `/api-keys?open=${dialog}.${key.id}`, answer });
}

const press = async (name: string) => user.click(await screen.findByRole("button", { name }));
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

test("without a grace period, a rotation ends the old secret at once", async () => {
  const key = aKey({ name: "Leaked" });
  const rotated = { ...key, key: "lh_live_new", previousKeyExpiresAt: null };
  const { requests } = open("rotate", key, { "POST /api-keys/*/rotate": rotated });
  fireEvent.change(await screen.findByLabelText("The old secret still works for"), { target: { value: "0" } });
  expect(screen.getByRole("dialog").textContent).toContain("refused from the same moment");
  await press("Rotate key");
  await screen.findByRole("dialog", { name: "Leaked is rotated" });
  expect(await changes(requests)).toEqual([[`POST /api-keys/${key.id}/rotate`, { gracePeriodSeconds: 0 }]]);
});

test("an unused key is revoked after a simple confirmation", async () => {
  const key = aKey({ name: "Never used" });
  const { requests } = open("revoke", key, { "DELETE /api-keys/*": new Response(null, { status: 204 }) });
  const cancel = await screen.findByRole("button", { name: "Cancel" });
  await waitFor(() => expect(document.activeElement).toBe(cancel));
  await press("Revoke key");
  await screen.findByText(/^Never used is revoked/);
  expect(await changes(requests)).toEqual([[`DELETE /api-keys/${key.id}`, null]]);
});

test("a used key is revoked only after its name is typed", async () => {
  const unused = aKey({ name: "Used just now" });
  const used = { ...unused, lastUsedAt: new Date().toISOString() };
  open("revoke", unused, { "GET /api-keys/*": used }); // the list was loaded before the use
  await screen.findByLabelText("Type Used just now to confirm");
  expect((screen.getByRole("button", { name: "Revoke key" }) as HTMLButtonElement).disabled).toBe(true);
});

test("an edit sends only what was changed", async () => {
  const credits = { remaining: 10, refill: { amount: 10, interval: "daily", nextAt: "2026-01-03T00:00:00Z" } };
  const key = aKey({ name: "Shared", credits: credits as unknown as ApiKey["credits"] });
  const { requests } = open("edit", key, { "PATCH /api-keys/*": { ...key, name: "Shared by all" } });
  await screen.findByLabelText("Set to");
  fill("Set to", "20");
  fill("Name", "Shared by all");
  await press("Save");
  await screen.findByText(/^Shared by all is changed/);
  expect(await changes(requests)).toEqual([
    [`PATCH /api-keys/${key.id}`, { name: "Shared by all", credits: { refill: { amount: 20 } } }],
  ]);
});

test("an edit of a key that was just revoked shows the error", async () => {
  const key = aKey({ name: "Gone" });
  open("edit", key, { "PATCH /api-keys/*": problem(409, "key_revoked", "The key is revoked.") });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Still here" } });
  await press("Save");
  const notice = await screen.findByRole("alert");
  for (const text of ["The key wasn't changed", "The key is revoked.", "req-1"]) {
    expect(notice.textContent).toContain(text);
  }
});

test("a key is disabled after a confirmation and enabled without", async () => {
  const key = aKey({ name: "Staging" });
  const { requests } = open("disable", key, {
    "PATCH /api-keys/*": async (request: Request) => ({ ...key, ...(await request.clone().json()) }),
  });
  await press("Disable key");
  await screen.findByText(/^Staging is disabled/);
  await press("Actions for Staging");
  await user.click(await screen.findByRole("menuitem", { name: "Enable" }));
  await screen.findByText(/^Staging is enabled/);
  const bodies = (await changes(requests)).map(([, body]) => body);
  expect(bodies).toEqual([{ status: "disabled" }, { status: "active" }]);
});

test("a revoked key has no actions", async () => {
  const revoked = aKey({ name: "Gone", status: "revoked" });
  open("none", revoked);
  const row = (await screen.findByRole("link", { name: "Gone" })).closest("tr") as HTMLElement;
  expect(within(row).queryByRole("button")).toBeNull();
});
