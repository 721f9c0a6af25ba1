import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, later, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";
import { aKey } from "../testing";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

function open(path: string, keys: unknown[], routes: Record<string, unknown> = {}) {
  const answer = api({ "GET /api-keys": { data: keys, nextCursor: null }, ...routes });
  return renderInConsole(<ApiKeysPage />, { path, answer });
}

const names = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getByRole("link").textContent);
const query = () => Object.fromEntries(new URLSearchParams(window.location.search));

const SHOPS = [
  aKey({ name: "Web, the old one", status: "revoked" }),
  aKey({ name: "web hook relay" }),
  aKey({ name: "Warehouse" }),
  aKey({ name: "Web shop" }),
];

test("search, status and order of the list are in the URL", async () => {
  open("/api-keys", SHOPS);
  await screen.findByText("Warehouse");
  expect(names()).toEqual(["Web, the old one", "web hook relay", "Warehouse", "Web shop"]);
  await user.click(screen.getByRole("button", { name: "Name" }));
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
  expect(names()).toEqual(["Warehouse", "web hook relay", "Web shop", "Web, the old one"]);
  fireEvent.change(screen.getByLabelText("Status"), { target: { value: "active" } });
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("/");
  expect(document.activeElement).toBe(screen.getByRole("searchbox"));
  await user.keyboard("web");
  await screen.findByText("2 of 4 keys");
  expect(names()).toEqual(["web hook relay", "Web shop"]);
  expect(query()).toEqual({ sort: "name", status: "active", search: "web" });
});

test("a list opened by its URL has that search, status and order", async () => {
  open("/api-keys?sort=name&status=active&search=web", SHOPS);
  await screen.findByText("2 of 4 keys");
  expect(names()).toEqual(["web hook relay", "Web shop"]);
  expect((screen.getByLabelText("Order") as HTMLSelectElement).value).toBe("name");
  await user.click(screen.getByRole("searchbox"));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(names()).toHaveLength(3));
});

test("a search without a match offers all keys", async () => {
  open("/api-keys?search=nothing", SHOPS);
  await screen.findByRole("heading", { name: "No key fits" });
  await user.click(screen.getByRole("button", { name: "Show all keys" }));
  await waitFor(() => expect(names()).toHaveLength(4));
});

test("the screen of a key leads back to the list as it was", async () => {
  const key = aKey({ name: "Web shop" });
  open("/api-keys?search=shop", [key, aKey({ name: "Warehouse" })], { "GET /api-keys/*": key });
  await user.click(await screen.findByRole("link", { name: "Web shop" }));
  await screen.findByRole("heading", { name: "Web shop", level: 1 });
  await user.click(screen.getAllByRole("link", { name: "API keys" })[0] as HTMLElement);
  await waitFor(() => expect(query()).toEqual({ search: "shop" }));
});

test("a search for a full key puts only its prefix into the URL", async () => {
  const found = aKey({ name: "Found somewhere", prefix: "lh_live_9aBc", keyPrefix: "lh_live_9aBc" });
  open("/api-keys", [aKey({ name: "Another" }), found]);
  await screen.findByText("Another");
  await user.click(screen.getByRole("searchbox"));
  await user.paste("lh_live_9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcdef");
  await waitFor(() => expect(names()).toEqual(["Found somewhere"]));
  expect(query()).toEqual({ search: "lh_live_9aBc" });
});

test("an outage is explained and can be retried", async () => {
  let fails = true;
  const outage = problem(400, "temporarily_unavailable", "DynamoDB does not respond. Try again.");
  open("/api-keys", [], {
    "GET /api-keys": () => (fails ? outage.clone() : { data: [aKey({ name: "Still there" })], nextCursor: null }),
  });
  const notice = await screen.findByRole("alert");
  expect(notice.textContent).toContain("DynamoDB does not respond. Try again.");
  expect(notice.textContent).toContain("req-1");
  expect(screen.queryByText("0 keys")).toBeNull();
  fails = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("Still there");
});

test("a placeholder is shown while the keys load", async () => {
  const list = later();
  open("/api-keys", [], { "GET /api-keys": list.answer });
  expect(await screen.findByText("Loading")).toBeTruthy();
  list.give({ data: [aKey({ name: "Late" })], nextCursor: null });
  await screen.findByText("Late");
  expect(screen.queryByText("Loading")).toBeNull();
});

test("an account without keys is told how to start", async () => {
  open("/api-keys", []);
  await screen.findByRole("heading", { name: "No API keys yet" });
  expect(screen.queryByRole("searchbox")).toBeNull();
  await user.click(screen.getByRole("button", { name: "New key" }));
  await screen.findByRole("dialog", { name: "New key" });
});

test("a key with a profile shows the profile's name", async () => {
  open("/api-keys", [aKey({ name: "Partner", profileId: "p-1", scopes: [] })], {
    "GET /permission-profiles": { data: [{ id: "p-1", name: "Order readers", rules: [] }], nextCursor: null },
  });
  const row = (await screen.findByRole("link", { name: "Partner" })).closest("tr") as HTMLElement;
  await waitFor(() => expect(row.textContent).toContain("Order readers"));
});

test("all pages are loaded, however fast they come", async () => {
  let pages = 0;
  open("/api-keys", [], {
    "GET /api-keys": () => {
      pages += 1;
      return { data: [aKey(), aKey()], nextCursor: pages < 5 ? `page-${pages}` : null };
    },
  });
  await screen.findByText("10 keys");
});

const OWNED = [
  aKey({ name: "Mine", userId: "user-1", ownerUserId: "user-1" }),
  aKey({ name: "Hers", userId: "user-1", ownerUserId: "auth0|7", scopes: ["orders:*"] }),
];
const MEMBERS = {
  "GET /members": { data: [{ userId: "auth0|7", name: "Mira Okafor", email: null }], nextCursor: null },
};

test("the owner of a key is shown where the creator is another user", async () => {
  open("/api-keys", OWNED, MEMBERS);
  const row = (await screen.findByRole("link", { name: "Hers" })).closest("tr") as HTMLElement;
  await waitFor(() => expect(row.textContent).toContain("Owner: Mira Okafor"));
  expect(screen.getByRole("link", { name: "Mine" }).closest("tr")?.textContent).not.toContain("Owner");
});

test("filters are in the URL, and each has a chip that removes it", async () => {
  open("/api-keys?owner=auth0%7C7&unused=30", OWNED, MEMBERS);
  await screen.findByText("Owner: Mira Okafor", { selector: "[class*=Pill] *" });
  expect(names()).toEqual(["Hers"]);
  screen.getByRole("button", { name: "Filters (2)" });
  screen.getByText("1 of 2 keys");
  await user.click(screen.getByRole("button", { name: "Remove the filter Owner: Mira Okafor" }));
  await waitFor(() => expect(names()).toEqual(["Mine", "Hers"]));
  expect(query()).toEqual({ unused: "30" });
});

test("filters are set in the menu", async () => {
  open("/api-keys", OWNED, MEMBERS);
  await user.click(await screen.findByRole("button", { name: "Filters" }));
  fireEvent.change(await screen.findByLabelText("Secret older than"), { target: { value: "90" } });
  const [scope] = screen.getAllByLabelText("Scope") as [HTMLElement];
  await user.type(scope, "orders{Enter}");
  await screen.findByText("Enter a scope, such as orders:read.");
  await user.type(scope, ":*{Enter}");
  await waitFor(() => expect(names()).toEqual(["Hers"]));
  expect(query()).toMatchObject({ rotated: "90", scope: "orders:*" });
});

test("filters of a list in pages are sent to the API", async () => {
  const { requests } = open("/api-keys?owner=auth0%7C7&cursor=second", [], {
    "GET /api-keys": { data: [], nextCursor: "third" },
  });
  await screen.findByText("None of the keys on this page. The next pages may have some.");
  const sent = requests.filter(({ url }) => new URL(url).pathname === "/api-keys");
  expect(Object.fromEntries(new URL(sent.at(-1)?.url ?? "").searchParams)).toEqual({
    cursor: "second",
    ownerUserId: "auth0|7",
  });
});
