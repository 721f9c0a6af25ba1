import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { api, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";
import { aKey } from "../testing";

const USAGE = { requests: 0, data: [], refusals: {} };

test("a key of another account is a missing page", async () => {
  const answer = api({ "GET /api-keys/*": problem(404, "not_found", "No API key with this id exists.") });
  renderInConsole(<ApiKeysPage />, { path: "/api-keys/0000", answer });
  await screen.findByRole("heading", { name: "There is nothing at this address" });
});

test("a revoked key has no actions", async () => {
  const key = aKey({ name: "Gone", status: "revoked", revokedAt: "2026-01-02T03:04:05Z" });
  const answer = api({ "GET /api-keys/*": key, "GET /api-keys/*/usage": USAGE });
  renderInConsole(<ApiKeysPage />, { path: `/api-keys/${key.id}`, answer });
  await screen.findByRole("heading", { name: "Gone", level: 1 });
  expect(screen.queryByRole("button", { name: "Rotate" })).toBeNull();
  expect(screen.queryByRole("button", { name: /^Actions for/ })).toBeNull();
});

test("a dialog of the key's screen keeps the chosen days in the URL", async () => {
  const key = aKey({ name: "Web" });
  const answer = api({ "GET /api-keys/*": key, "GET /api-keys/*/usage": USAGE });
  renderInConsole(<ApiKeysPage />, { path: `/api-keys/${key.id}?days=7`, answer });
  await userEvent.click(await screen.findByRole("button", { name: "Rotate" }));
  expect(window.location.search).toBe(`?days=7&open=rotate.${key.id}`);
  await screen.findByRole("dialog", { name: "Rotate key" });
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(window.location.search).toBe("?days=7"));
});

test("a key that follows its owner says so", async () => {
  const key = aKey({ name: "Web", followsOwner: true });
  const answer = api({ "GET /api-keys/*": key, "GET /api-keys/*/usage": USAGE });
  renderInConsole(<ApiKeysPage />, { path: `/api-keys/${key.id}`, answer });
  await screen.findByText("You (the key follows the owner's rights)");
});

test("an owner who is not the creator is shown with both names", async () => {
  const key = aKey({ name: "Web", userId: "user-1", ownerUserId: "auth0|7", rotatedAt: "2026-02-03T04:05:06Z" });
  const members = { data: [{ userId: "auth0|7", name: "Mira Okafor", email: null }], nextCursor: null };
  const answer = api({ "GET /api-keys/*": key, "GET /api-keys/*/usage": USAGE, "GET /members": members });
  renderInConsole(<ApiKeysPage />, { path: `/api-keys/${key.id}`, answer });
  await screen.findByText("Mira Okafor");
  screen.getByText("Owner");
  screen.getByText("Rotated");
  await screen.findByText(/by you/);
});
