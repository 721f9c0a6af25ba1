import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { api, problem, renderInConsole } from "../../testing";
import { ScopePicker } from "./ScopePicker";

const user = userEvent.setup();

test("a scope that is in no catalogue is removed by keyboard", async () => {
  const change = vi.fn();
  renderInConsole(<ScopePicker value={["orders:read", "fleet:locate"]} onChange={change} />, { answer: api({}) });
  const remove = await screen.findByRole("button", { name: "Remove fleet:locate" });
  await user.tab({ shift: true });
  expect(document.activeElement).toBe(remove);
  await user.keyboard("{Enter}");
  expect(change).toHaveBeenCalledWith(["orders:read"]);
});

test("scopes have their headings and descriptions, and a wildcard for each resource", async () => {
  const change = vi.fn();
  renderInConsole(<ScopePicker value={["orders:read"]} onChange={change} />, { answer: api({}) });
  await screen.findByText("Orders");
  screen.getByText("Create and update orders");
  const webhooks = within(screen.getByRole("group", { name: "webhooks" })).getAllByRole("checkbox");
  expect(webhooks).toHaveLength(1);
  await user.click(screen.getByLabelText("orders:*"));
  expect(change).toHaveBeenCalledWith(["orders:*"]);
});

test("a catalogue on several pages is loaded completely", async () => {
  const scope = (name: string) => ({ name, description: null, group: "Orders" });
  const answer = api({
    "GET /scopes": ({ url }: Request) =>
      url.includes("cursor=")
        ? { data: [scope("orders:write")], nextCursor: null }
        : { data: [scope("orders:read")], nextCursor: "second" },
  });
  renderInConsole(<ScopePicker value={[]} onChange={() => {}} />, { answer });
  await screen.findByLabelText("orders:write");
  screen.getByLabelText("orders:read");
});

test("an outage of the catalogue is shown, and chosen scopes stay", async () => {
  const answer = api({ "GET /scopes": problem(400, "temporarily_unavailable", "Try again.") });
  renderInConsole(<ScopePicker value={["orders:read"]} onChange={() => {}} />, { answer });
  await screen.findByText("The scopes couldn't be loaded");
  screen.getByText("orders:read");
});
