import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderInConsole } from "../testing";
import { useChangeDialog } from "./useChangeDialog";
import { useOpenDialog } from "./useOpenDialog";

const user = userEvent.setup();
const CHANGES = ["edit", "delete"] as const;

function Dialogs() {
  const { creates, change, open, close } = useChangeDialog(CHANGES);
  const { word, about } = useOpenDialog(["test", "recover"]);
  return (
    <>
      <output>{JSON.stringify({ creates, change, word, about })}</output>
      <button type="button" onClick={() => open("create")}>
        Create
      </button>
      <button type="button" onClick={() => open("delete", "k1")}>
        Delete
      </button>
      <button type="button" onClick={close}>
        Close
      </button>
    </>
  );
}

const none = { creates: false, change: null, word: null, about: null };

test.each([
  ["", none],
  ["create", { ...none, creates: true }],
  ["edit.k1", { ...none, change: { what: "edit", id: "k1" } }],
  ["edit.ada.l@example.com", { ...none, change: { what: "edit", id: "ada.l@example.com" } }],
  ["edit", none],
  ["revoke.k1", none],
  ["test", { ...none, word: "test" }],
  ["recover.7", { ...none, word: "recover", about: "7" }],
])("open=%s is the dialog that knows the word", (text, dialogs) => {
  renderInConsole(<Dialogs />, { path: `/?status=active&open=${text}` });
  expect(JSON.parse(screen.getByRole("status").textContent)).toEqual(dialogs);
});

test("a dialog that opens has its own entry of the history, and one that closes leaves none", async () => {
  renderInConsole(<Dialogs />, { path: "/?status=active" });
  const entries = window.history.length;
  await user.click(screen.getByRole("button", { name: "Delete" }));
  expect(window.location.search).toBe("?status=active&open=delete.k1");
  expect(window.history.length).toBe(entries + 1);
  await user.click(screen.getByRole("button", { name: "Close" }));
  expect(window.location.search).toBe("?status=active");
  expect(window.history.length).toBe(entries + 1);
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(window.location.search).toBe("?status=active&open=create");
});
