import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { PermissionProfile } from "../../api/schema";
import { api, changes, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const PROFILE = {
  id: "p-1",
  name: "In use",
  description: null,
  rules: [{ effect: "allow", actions: ["orders:*"] }],
  keyCount: 1,
  memberCount: 0,
  createdAt: "2026-01-02T03:04:05Z",
  updatedAt: "2026-01-02T03:04:05Z",
} as unknown as PermissionProfile;

function open(dialog: string, routes: Record<string, unknown> = {}, profiles = [PROFILE]) {
  const answer = api({
    "GET /permission-profiles": { data: profiles, nextCursor: null },
    "GET /permission-profiles/*": PROFILE,
    ...routes,
  });
  const path = `/api-keys/profiles${dialog && `?open=${dialog}`}`;
  return renderInConsole(<ApiKeysPage />, { path, answer });
}

const press = async (name: string) => user.click(await screen.findByRole("button", { name }));

test("a profile without a name or an action is not sent", async () => {
  const { requests } = open("create");
  await press("Create profile");
  await screen.findByText("Give it a name.");
  await screen.findByText("Choose one action at least, or remove the rule.");
  expect(await changes(requests)).toEqual([]);
});

test("an unknown action is reported at its rule", async () => {
  const errors = [{ pointer: "/rules/0/actions/0", detail: "No such action." }];
  open("create", {
    "POST /permission-profiles": problem(422, "invalid_fields", "One field is invalid.", { errors }),
  });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Typo" } });
  const actions = document.querySelector('input[aria-label="Actions of rule 1"]') as HTMLInputElement;
  await user.type(actions, "odrers:read{Enter}");
  await press("Create profile");
  expect((await screen.findByRole("alert")).textContent).toContain("/rules/0/actions/0");
  await waitFor(() => expect(document.activeElement).toBe(actions));
});

test("a profile without keys is deleted after a confirmation", async () => {
  const { requests } = open("delete.p-1", {
    "GET /permission-profiles/*": { ...PROFILE, keyCount: 0 },
    "DELETE /permission-profiles/*": new Response(null, { status: 204 }),
  });
  await screen.findByText("Nothing uses it.");
  await press("Delete profile");
  await screen.findByText("In use is deleted.");
  expect(await changes(requests)).toEqual([["DELETE /permission-profiles/p-1", null]]);
});

test("a profile in use is not deleted, and the reason is shown", async () => {
  open("delete.p-1", { "DELETE /permission-profiles/*": problem(409, "profile_in_use", "1 key has the profile.") });
  await screen.findByText("1 key uses it. Give them another profile first.");
  await press("Delete profile");
  expect((await screen.findByRole("alert")).textContent).toContain("1 key has the profile.");
});

test("members with a profile are counted with its keys", async () => {
  open("delete.p-1", { "GET /permission-profiles/*": { ...PROFILE, keyCount: 1, memberCount: 2 } });
  await screen.findByText("1 key and 2 members use it. Give them another profile first.");
});

test("an outage of the profiles is shown in place", async () => {
  open("", { "GET /permission-profiles": problem(400, "temporarily_unavailable", "Try again.") });
  await screen.findByText("The profiles couldn't be loaded");
});
