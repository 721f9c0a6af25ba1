import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { api, changes, problem, renderInConsole } from "../../testing";
import ApiKeysPage from "../ApiKeysPage";
import { aKey } from "../testing";

let user = userEvent.setup();
beforeEach(() => {
  user = userEvent.setup();
});

interface Body {
  dryRun: boolean;
  filter: { ids: string[] | null; unusedSince: string };
}

/** An API with `count` unused keys. `revoke` replaces the answer to the confirmation. */
function open(count: number, path = "/api-keys?open=revoke-unused", revoke?: () => unknown) {
  const keys = Array.from({ length: count }, (_, number) => aKey({ name: `Old ${number}` }));
  const answer = api({
    "GET /api-keys": { data: [aKey()], nextCursor: null },
    "GET /api-keys/*": (request: Request) => keys.find(({ id }) => request.url.endsWith(id)),
    "POST /api-keys/bulk-revoke": async (request: Request) => {
      const { dryRun, filter } = (await request.clone().json()) as Body;
      if (dryRun) return { data: keys, nextCursor: null };
      return revoke?.() ?? { data: filter.ids?.map((id) => ({ id, outcome: "revoked" })), nextCursor: null };
    },
  });
  return { keys, ...renderInConsole(<ApiKeysPage />, { path, answer }) };
}

const press = async (name: string | RegExp) => user.click(await screen.findByRole("button", { name }));
const isDisabled = (name: string) => (screen.getByRole("button", { name }) as HTMLButtonElement).disabled;

test("the number of many keys is typed before they are revoked", async () => {
  const { requests, keys } = open(6, "/api-keys?open=revoke-unused.30");
  expect(((await screen.findByRole("radio", { name: "30 days" })) as HTMLInputElement).checked).toBe(true);
  await press("Show keys");
  const field = await screen.findByLabelText("Type 6 to confirm");
  expect(document.activeElement).toBe(field);
  fireEvent.change(field, { target: { value: "5" } });
  expect(isDisabled("Revoke 6 keys")).toBe(true);
  fireEvent.change(field, { target: { value: "6" } });
  expect(isDisabled("Revoke 6 keys")).toBe(false);
  await user.keyboard("{Enter}");
  await screen.findByText("6 keys revoked.");
  const [[, listed], [, revoked]] = (await changes(requests)) as [[string, Body], [string, Body]];
  expect(listed).toMatchObject({ dryRun: true, filter: { ids: null } });
  expect(revoked).toMatchObject({ dryRun: false, filter: { ids: keys.map(({ id }) => id) } });
  expect(revoked.filter.unusedSince).toBe(listed.filter.unusedSince);
});

test("a key that was used before the confirmation is shown as kept", async () => {
  open(2, undefined, () => ({ data: [], nextCursor: null }));
  await press("Show keys");
  await press("Revoke 2 keys");
  await screen.findByText("0 keys revoked, 2 kept, used since.");
  expect(screen.getAllByText("Kept: used since")).toHaveLength(2);
});

test("any number of days can be chosen, and is kept", async () => {
  const { requests } = open(0);
  await user.click(await screen.findByText("Other"));
  expect(isDisabled("Show keys")).toBe(true);
  fireEvent.change(screen.getByRole("textbox", { name: "Days" }), { target: { value: "11" } });
  await press("Show keys");
  await screen.findByText(/^Every key was used or created since/);
  const [[, { filter }]] = (await changes(requests)) as [[string, Body]];
  const days = (Date.now() - Date.parse(filter.unusedSince)) / 86_400_000;
  expect(Math.round(days)).toBe(11);
  await press("Back");
  expect((screen.getByRole("textbox", { name: "Days" }) as HTMLInputElement).value).toBe("11");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(window.location.search).toBe(""));
});

test("a failed request is shown as uncertain and can be continued", async () => {
  let fails = true;
  open(2, undefined, () => (fails ? problem(400, "temporarily_unavailable", "Try again.") : undefined));
  await press("Show keys");
  await press("Revoke 2 keys");
  await screen.findByText("2 keys couldn't be revoked yet, or their answer was lost");
  expect(screen.getAllByText("Not certain")).toHaveLength(2);
  fails = false;
  await press("Go on with 2 keys");
  await screen.findByText("2 keys revoked.");
});
