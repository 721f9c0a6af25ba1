import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderInConsole } from "../../testing";
import { ScopePicker } from "./ScopePicker";

const user = userEvent.setup();

test("a scope that is in no catalogue is removed by keyboard", async () => {
  const change = vi.fn();
  renderInConsole(<ScopePicker value={["orders:read", "fleet:locate"]} onChange={change} />);
  const remove = screen.getByRole("button", { name: "Remove fleet:locate" });
  await user.tab({ shift: true });
  expect(document.activeElement).toBe(remove);
  await user.keyboard("{Enter}");
  expect(change).toHaveBeenCalledWith(["orders:read"]);
});
