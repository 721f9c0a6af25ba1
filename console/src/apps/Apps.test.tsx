import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aMe, api, changes, later, problem, renderInConsole, sessionToken } from "../testing";
import AppsPage from "./AppsPage";
import { aGrant, anApp } from "./testing";

const MEMBER = (request: Request) => aMe(request, { role: "member", scopes: ["orders:read"] });

function opened(routes: Record<string, unknown> = {}, path = "/apps", me = aMe) {
  // The role in the session gives no rights, so that `me` alone decides.
  const token = sessionToken({ role: me === aMe ? "business_admin" : "member" });
  return renderInConsole(<AppsPage />, { answer: api(routes), path, me, token });
}

function page<T>(...data: T[]) {
  return { data, nextCursor: null };
}

test("a member sees only the apps that it has connected", async () => {
  const { container, requests } = opened({ "GET /oauth-grants": page(aGrant()) }, "/apps", MEMBER);
  const list = await screen.findByRole("list", { name: "Connected by you" });
  expect(list.textContent).toContain("Warehouse app");
  await within(list).findByText("Read order data");
  expect(container.textContent).not.toContain("Registered in this account");
  const asked = requests.map(({ url }) => new URL(url));
  expect(asked.some(({ pathname }) => pathname === "/oauth-clients")).toBe(false);
  expect(asked.find(({ pathname }) => pathname === "/oauth-grants")?.searchParams.get("userId")).toBe("user-1");
});

test("an admin also sees the registered apps", async () => {
  opened({
    "GET /oauth-clients": page(anApp(), anApp({ id: "c-2", name: "Robot", status: "disabled", redirectUris: [] })),
  });
  const list = await screen.findByRole("list", { name: "Registered in this account" });
  expect(within(list).getByRole("link", { name: "Warehouse app" }).getAttribute("href")).toBe("/apps/c-1");
  expect(list.textContent).toContain("For users · app.example.com");
  expect(list.textContent).toContain("Disabled");
});

test("without apps, the page says what apps are", async () => {
  opened();
  await screen.findByText(/You have connected no app/);
  await screen.findByText(/No app is registered/);
});

test("an outage is shown with a retry", async () => {
  opened({
    "GET /oauth-clients": problem(403, "insufficient_scope", "No scope."),
    "GET /oauth-grants": problem(403, "insufficient_scope", "No scope."),
  });
  await screen.findByText("Your apps couldn't be loaded");
  await screen.findByText("The apps couldn't be loaded");
});

test("while lists load, the page says so", async () => {
  opened({ "GET /oauth-clients": later().answer, "GET /oauth-grants": later().answer });
  expect(await screen.findAllByRole("status", { name: "Loading" })).toHaveLength(2);
});

test("disconnecting asks first, and ends the grant", async () => {
  const { requests } = opened({
    "GET /oauth-grants": page(aGrant()),
    "DELETE /oauth-grants/g-1": new Response(null, { status: 204 }),
  });
  fireEvent.click(await screen.findByRole("button", { name: "Disconnect Warehouse app" }));
  const dialog = await screen.findByRole("dialog", { name: "Disconnect Warehouse app" });
  expect(await changes(requests)).toEqual([]);
  fireEvent.click(within(dialog).getByRole("button", { name: "Disconnect" }));
  await expect.poll(() => changes(requests)).toEqual([["DELETE /oauth-grants/g-1", null]]);
});

test("a new app is sent with its settings, and its secret is shown once", async () => {
  const { requests } = opened({ "POST /oauth-clients": { ...anApp(), secret: "lhcs_example" } });
  fireEvent.click(await screen.findByRole("button", { name: "New app" }));
  const form = await screen.findByRole("dialog", { name: "New app" });
  fireEvent.change(within(form).getByLabelText(/^Name/), { target: { value: "Warehouse app" } });
  const uris = within(form).getByLabelText(/Redirect URIs/);
  fireEvent.change(uris, { target: { value: "http://app.example.com/" } });
  await within(form).findByText(/Use https/);
  fireEvent.change(uris, { target: { value: "https://app.example.com/callback" } });
  fireEvent.click(await within(form).findByRole("checkbox", { name: "orders:read" }));
  fireEvent.click(within(form).getByRole("button", { name: "Register app" }));
  const shown = await screen.findByRole("dialog", { name: "Warehouse app is registered" });
  expect(shown.textContent).toContain("lhcs_example");
  expect(shown.textContent).toContain("c-1");
  expect(await changes(requests)).toEqual([
    [
      "POST /oauth-clients",
      {
        type: "confidential",
        name: "Warehouse app",
        grantTypes: ["authorization_code", "refresh_token"],
        redirectUris: ["https://app.example.com/callback"],
        scopes: ["orders:read"],
        accessTokenSeconds: 3600,
        refreshTokenSeconds: 2592000,
      },
    ],
  ]);
  expect(requests.find(({ method }) => method === "POST")?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
});

test("an incomplete form is not sent, and names what is missing", async () => {
  const { requests } = opened({}, "/apps?open=create");
  const form = await screen.findByRole("dialog", { name: "New app" });
  fireEvent.click(within(form).getByRole("button", { name: "Register app" }));
  await within(form).findByText("Enter the name that users will see.");
  await within(form).findByText("Choose at least one scope.");
  await within(form).findByText("Enter the address to which users return.");
  expect(await changes(requests)).toEqual([]);
});

test("a refusal is shown at the field that it names", async () => {
  const errors = [{ pointer: "/scopes/0", detail: "You don't have this scope." }];
  opened(
    {
      "GET /oauth-clients/c-1": anApp(),
      "PATCH /oauth-clients/c-1": problem(403, "scope_beyond_creator", "You can't give a client scopes.", { errors }),
    },
    "/apps/c-1?open=edit.c-1",
  );
  const form = await screen.findByRole("dialog", { name: "Edit Warehouse app" });
  fireEvent.change(within(form).getByLabelText(/^Name/), { target: { value: "Other" } });
  fireEvent.click(within(form).getByRole("button", { name: "Save" }));
  await expect.poll(() => within(form).queryAllByText("You don't have this scope.").length).toBeGreaterThan(0);
});

test("the page of an app shows its settings and its users", async () => {
  const { requests } = opened(
    {
      "GET /oauth-clients/c-1": anApp({ clientUri: "https://app.example.com" }),
      "GET /oauth-grants": page(aGrant({ userId: "auth0|zoe" })),
    },
    "/apps/c-1",
  );
  const users = await screen.findByRole("list", { name: "Connected users" });
  expect(users.textContent).toContain("auth0|zoe");
  expect(document.body.textContent).toContain("https://app.example.com/callback");
  const asked = requests.map(({ url }) => new URL(url)).find(({ pathname }) => pathname === "/oauth-grants");
  expect(asked?.searchParams.get("clientId")).toBe("c-1");
});

test("an app is disabled, rotated and deleted", async () => {
  const { requests } = opened(
    {
      "GET /oauth-clients/c-1": anApp(),
      "PATCH /oauth-clients/c-1": anApp({ status: "disabled" }),
      "POST /oauth-clients/c-1/rotate-secret": { ...anApp(), secret: "lhcs_next", previousSecretExpiresAt: null },
      "DELETE /oauth-clients/c-1": new Response(null, { status: 204 }),
    },
    "/apps/c-1",
  );
  fireEvent.click(await screen.findByRole("button", { name: "Disable" }));
  await expect.poll(() => changes(requests)).toEqual([["PATCH /oauth-clients/c-1", { status: "disabled" }]]);
  fireEvent.click(screen.getByRole("button", { name: "Rotate secret" }));
  const rotate = await screen.findByRole("dialog", { name: "Rotate secret" });
  fireEvent.click(within(rotate).getByRole("button", { name: "Rotate secret" }));
  const shown = await screen.findByRole("dialog", { name: "Warehouse app has a new secret" });
  expect(shown.textContent).toContain("lhcs_next");
  fireEvent.click(within(shown).getByRole("checkbox"));
  fireEvent.click(within(shown).getByRole("button", { name: "Done" }));
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  const remove = await screen.findByRole("dialog", { name: "Delete Warehouse app" });
  fireEvent.change(within(remove).getByRole("textbox"), { target: { value: "Warehouse app" } });
  fireEvent.click(within(remove).getByRole("button", { name: "Delete app" }));
  await expect.poll(async () => (await changes(requests)).at(-1)).toEqual(["DELETE /oauth-clients/c-1", null]);
  await expect.poll(() => window.location.pathname).toBe("/apps");
});

test("a secret whose answer got lost is explained, and can be rotated", async () => {
  opened({
    "POST /oauth-clients": { ...anApp(), secret: null },
    "GET /oauth-clients/c-1": anApp(),
    "POST /oauth-clients/c-1/rotate-secret": { ...anApp(), secret: null, previousSecretExpiresAt: null },
  });
  fireEvent.click(await screen.findByRole("button", { name: "New app" }));
  const form = await screen.findByRole("dialog", { name: "New app" });
  fireEvent.change(within(form).getByLabelText(/^Name/), { target: { value: "Warehouse app" } });
  fireEvent.change(within(form).getByLabelText(/Redirect URIs/), { target: { value: "https://app.example.com/a" } });
  fireEvent.click(await within(form).findByRole("checkbox", { name: "orders:read" }));
  fireEvent.click(within(form).getByRole("button", { name: "Register app" }));
  const lost = await screen.findByRole("dialog", { name: "Warehouse app is registered" });
  fireEvent.click(within(lost).getByRole("button", { name: "Rotate the secret" }));
  const rotate = await screen.findByRole("dialog", { name: "Rotate secret" });
  expect(window.location.pathname).toBe("/apps/c-1");
  fireEvent.click(within(rotate).getByRole("button", { name: "Rotate secret" }));
  const again = await screen.findByRole("dialog", { name: "Warehouse app has a new secret" });
  fireEvent.click(within(again).getByRole("button", { name: "Rotate the secret" }));
  await screen.findByRole("dialog", { name: "Rotate secret" });
});

test("an app on the user's device has no secret that could be lost", async () => {
  const app = anApp({ type: "public" });
  opened({ "POST /oauth-clients": { ...app, secret: null }, "GET /oauth-clients/c-1": app });
  fireEvent.click(await screen.findByRole("button", { name: "New app" }));
  const form = await screen.findByRole("dialog", { name: "New app" });
  fireEvent.change(within(form).getByLabelText(/^Name/), { target: { value: "Warehouse app" } });
  fireEvent.click(within(form).getByRole("radio", { name: /On the user/ }));
  fireEvent.change(within(form).getByLabelText(/Redirect URIs/), { target: { value: "https://app.example.com/a" } });
  fireEvent.click(await within(form).findByRole("checkbox", { name: "orders:read" }));
  fireEvent.click(within(form).getByRole("button", { name: "Register app" }));
  await screen.findByRole("heading", { name: "Warehouse app" });
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a reader of apps can change nothing", async () => {
  const reader = (request: Request) => aMe(request, { scopes: ["oauth-clients:read"] });
  opened({ "GET /oauth-clients/c-1": anApp(), "GET /oauth-grants": page(aGrant()) }, "/apps/c-1", reader);
  await screen.findByRole("list", { name: "Connected users" });
  expect(screen.queryAllByRole("button", { name: /Edit|Delete|Disable|Rotate|Disconnect/ })).toEqual([]);
});
