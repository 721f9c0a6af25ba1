import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import type { Me, Member } from "../api/schema";
import { aMe, api, changes, later, problem, renderInConsole } from "../testing";
import MembersPage from "./MembersPage";
import { aMember } from "./testing";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

const MIRA = aMember();
const ADA = aMember({ userId: "user-1", name: "Ada Lovelace", email: null, role: "admin" });
const BEN = aMember({
  userId: "ben.k@example.com",
  name: null,
  email: null,
  role: "advisor",
  profileId: "p-1",
  clientAccountIds: ["globex", "initech"],
});
const PROFILES = { data: [{ id: "p-1", name: "Order readers", rules: [] }], nextCursor: null };

function open(
  dialog: string,
  options: { members?: Member[]; routes?: Record<string, unknown>; me?: Partial<Me> } = {},
) {
  const { members = [ADA, MIRA, BEN], routes = {}, me = {} } = options;
  const answer = api({
    "GET /members": { data: members, nextCursor: null },
    "GET /permission-profiles": PROFILES,
    "GET /members/*": ({ url }: Request) =>
      members.find(({ userId }) => url.endsWith(`/${encodeURIComponent(userId)}`)) ??
      problem(404, "not_found", "No member with this user id exists."),
    "PUT /members/*": MIRA,
    "DELETE /members/*": new Response(null, { status: 204 }),
    ...routes,
  });
  const path = dialog ? `/members?open=${encodeURIComponent(dialog)}` : "/members";
  return renderInConsole(<MembersPage />, { path, answer, me: (request) => aMe(request, me) });
}

const press = async (name: string) =>
  user.click((await screen.findAllByRole("button", { name })).at(-1) as HTMLElement);
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

test("members are listed with role, profile and client accounts, and the caller is marked", async () => {
  open("");
  const rows = await screen.findAllByRole("listitem");
  expect(rows).toHaveLength(3);
  const [ada, mira, ben] = rows as [HTMLElement, HTMLElement, HTMLElement];
  await waitFor(() => expect(within(ada).getByText("You")).toBeTruthy());
  expect(within(mira).queryByText("You")).toBeNull();
  for (const text of ["Mira Okafor", "mira@example.com", "auth0|64f0c2a1", "Member", "No profile"]) {
    expect(mira.textContent).toContain(text);
  }
  await waitFor(() => expect(ben.textContent).toContain("Order readers"));
  expect(ben.textContent).toContain("ben.k@example.comAdvisor2 client accounts");
});

test("a caller without the right to write sees no actions", async () => {
  open("", { me: { scopes: ["account-members:read"] } });
  await waitFor(() => expect(screen.queryAllByRole("button")).toEqual([]));
  expect(await screen.findAllByRole("listitem")).toHaveLength(3);
});

test("an account without members says where the rights come from", async () => {
  open("", { members: [] });
  await screen.findByRole("heading", { name: "No members yet" });
  await press("Add member");
  await screen.findByRole("dialog", { name: "Add member" });
});

test("loading and failing lists are shown", async () => {
  const list = later();
  open("", { routes: { "GET /members": list.answer } });
  await screen.findByText("Loading");
  list.give(problem(400, "temporarily_unavailable", "DynamoDB does not respond. Try again."));
  expect((await screen.findByRole("alert")).textContent).toContain("The members couldn't be loaded");
});

test("a user is added with role, profile, name and email", async () => {
  const { requests } = open("create");
  await screen.findByRole("option", { name: "Order readers" });
  fill("User ID", " auth0|new.user ");
  fill("Permission profile", "p-1");
  fill("Name", "New User");
  fill("Email", "new@example.com");
  await press("Add member");
  await waitFor(() => expect(window.location.search).toBe(""));
  expect(await changes(requests)).toEqual([
    [
      `PUT /members/${encodeURIComponent("auth0|new.user")}`,
      { role: "member", profileId: "p-1", name: "New User", email: "new@example.com", clientAccountIds: [] },
    ],
  ]);
});

test("an existing member is not replaced by adding the user again", async () => {
  const { requests } = open("create");
  fireEvent.change(await screen.findByLabelText("User ID"), { target: { value: MIRA.userId } });
  await press("Add member");
  await screen.findByRole("alert");
  expect(screen.getByLabelText("User ID").getAttribute("aria-invalid")).toBe("true");
  expect(await changes(requests)).toEqual([]);
});

test("a missing user id is reported at its field", async () => {
  open("create");
  await press("Add member");
  await screen.findByText("Enter the user's ID, without spaces or special letters.");
});

test("a role change names its problem at the role", async () => {
  const detail = "The account must keep one stored admin. Give another member the role admin first.";
  open(`edit.${ADA.userId}`, { routes: { "PUT /members/*": problem(409, "last_admin", detail) } });
  await user.click(await screen.findByRole("radio", { name: "No access" }));
  expect(screen.queryByLabelText("Permission profile")).toBeNull();
  await press("Save");
  await screen.findByRole("alert");
  await waitFor(() => expect(screen.getAllByText(detail)).toHaveLength(2));
});

test("an unknown profile is reported at its field", async () => {
  const errors = [{ pointer: "/profileId", detail: "There is no such profile." }];
  open(`edit.${MIRA.userId}`, {
    routes: { "PUT /members/*": problem(422, "invalid_fields", "One field is invalid.", { errors }) },
  });
  await screen.findByRole("option", { name: "Order readers" });
  fill("Permission profile", "p-1");
  await press("Save");
  await waitFor(() => expect(screen.getByLabelText("Permission profile").getAttribute("aria-invalid")).toBe("true"));
});

test("an advisor's client account is removed, and the others stay", async () => {
  const { requests } = open(`edit.${BEN.userId}`);
  await screen.findByText(/^2 client accounts\./);
  await press("Remove the client account globex");
  await press("Save");
  await waitFor(() => expect(window.location.search).toBe(""));
  expect((await changes(requests))[0]?.[1]).toMatchObject({ role: "advisor", clientAccountIds: ["initech"] });
});

test("a change that removes all client accounts says so before", async () => {
  const { requests } = open(`edit.${BEN.userId}`);
  await screen.findByRole("option", { name: "Order readers" });
  fill("Permission profile", "");
  await screen.findByText(/^This removes the member's 2 client accounts/);
  await press("Save");
  await waitFor(() => expect(window.location.search).toBe(""));
  expect((await changes(requests))[0]?.[1]).toMatchObject({ profileId: null, clientAccountIds: [] });
});

test("one of many client accounts is found by its id", async () => {
  const clientAccountIds = Array.from({ length: 5000 }, (_, number) => `client-${number}`);
  open(`edit.${BEN.userId}`, { members: [{ ...BEN, clientAccountIds }] });
  await screen.findByText("4,950 more. Search to find them.");
  fill("Search client accounts", "client-4321");
  expect(screen.getAllByRole("listitem").map((each) => each.textContent)).toContain("client-4321");
});

test("a removal explains that the sign-in counts again", async () => {
  const { requests } = open(`remove.${MIRA.userId}`);
  await screen.findByText(/the user's sign-in decides the rights/);
  screen.getByText(/choose “No access” instead/);
  await press("Remove member");
  await screen.findByText("Mira Okafor is no longer a member.");
  expect(await changes(requests)).toEqual([[`DELETE /members/${encodeURIComponent(MIRA.userId)}`, null]]);
});

test("the last admin is not removed, and the reason is shown", async () => {
  const refusal = problem(409, "last_admin", "The account must keep one stored admin.");
  open(`remove.${ADA.userId}`, { routes: { "DELETE /members/*": refusal } });
  await press("Remove member");
  expect((await screen.findByRole("alert")).textContent).toContain("The account must keep one stored admin.");
});

test("a change of the caller's own role asks for the rights again", async () => {
  let asked = 0;
  const answer = api({
    "GET /members": { data: [ADA], nextCursor: null },
    "GET /members/*": ADA,
    "PUT /members/*": ADA,
  });
  const me = (request: Request) => {
    asked += 1;
    return aMe(request);
  };
  renderInConsole(<MembersPage />, { path: `/members?open=edit.${ADA.userId}`, answer, me });
  await screen.findByLabelText("Name");
  fill("Name", "Ada King");
  const before = asked;
  await press("Save");
  await waitFor(() => expect(asked).toBe(before + 1));
});
