import { MantineProvider } from "@mantine/core";
import { act, render as renderBare, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import IconKey from "~icons/tabler/key";
import { ApiError } from "../api/problem";
import { ConfirmModal } from "./ConfirmModal";
import { CopyButton } from "./CopyButton";
import { EmptyState } from "./EmptyState";
import { ErrorNotice } from "./ErrorNotice";
import { RelativeTime } from "./RelativeTime";
import { SearchInput } from "./SearchInput";
import { SecretOnce, useShownSecret } from "./SecretOnce";
import { SkeletonTable } from "./SkeletonTable";
import { Sparkline } from "./Sparkline";
import { StatusBadge } from "./StatusBadge";

const render = (content: ReactNode) => renderBare(<MantineProvider env="test">{content}</MantineProvider>);
const user = userEvent.setup();

test("an error says what happened, where, and the request's id, and can be tried again", async () => {
  const retry = vi.fn();
  const error = new ApiError({
    status: 422,
    code: "invalid_fields",
    detail: "One field is wrong.",
    requestId: "req-7",
    fields: [{ pointer: "/name", detail: "Too long." }],
  });
  render(<ErrorNotice error={error} title="The key wasn't created" retry={retry} />);
  const notice = screen.getByRole("alert");
  for (const words of ["The key wasn't created", "One field is wrong.", "/name", "Too long.", "req-7"]) {
    expect(notice.textContent).toContain(words);
  }
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

test("an error that is none of the API's shows nothing of its inside", () => {
  render(<ErrorNotice error={new TypeError("undefined is not a function")} title="This screen can't be shown" />);
  expect(screen.getByRole("alert").textContent).not.toContain("undefined");
});

test("a time is in words, and machines read it exactly; where there is none it says so", () => {
  const time = new Date(Date.now() - 2 * 3_600_000).toISOString();
  render(<RelativeTime time={time} />);
  expect(screen.getByText("2 hours ago").getAttribute("datetime")).toBe(time);
  render(<RelativeTime time={null} never="Not used yet" />);
  expect(screen.getByText("Not used yet")).toBeTruthy();
});

test("the exact time is there for the keyboard, too", async () => {
  render(<RelativeTime time="2026-03-04T13:05:09Z" />);
  await user.tab();
  expect((await screen.findByRole("tooltip")).textContent).toContain("Mar 4, 2026, 02:05:09 PM");
});

test("copying puts the text on the clipboard and says so", async () => {
  render(<CopyButton value="lh_live_abc" what="the prefix" />);
  await user.click(screen.getByRole("button", { name: "Copy the prefix" }));
  expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe("lh_live_abc");
});

function Confirming({ typed, onConfirm }: { typed?: string; onConfirm: () => void }) {
  const [opened, setOpened] = useState(true);
  return (
    <ConfirmModal
      opened={opened}
      title="Revoke key"
      confirm="Revoke"
      dangerous
      {...(typed === undefined ? {} : { typed })}
      onConfirm={onConfirm}
      onClose={() => setOpened(false)}
    >
      It stops working at once.
    </ConfirmModal>
  );
}

test("a confirmation can be left by Esc, and does nothing then", async () => {
  const confirm = vi.fn();
  render(<Confirming onConfirm={confirm} />);
  expect(screen.getByRole("dialog", { name: "Revoke key" })).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(confirm).not.toHaveBeenCalled();
});

test("where a name must be typed, neither the button nor Enter works before it is", async () => {
  const confirm = vi.fn();
  render(<Confirming typed="Production" onConfirm={confirm} />);
  const field = screen.getByLabelText("Type Production to confirm");
  await user.type(field, "production{Enter}");
  expect((screen.getByRole("button", { name: "Revoke" }) as HTMLButtonElement).disabled).toBe(true);
  expect(confirm).not.toHaveBeenCalled();
  await user.clear(field);
  await user.type(field, "Production{Enter}");
  expect(confirm).toHaveBeenCalledOnce();
});

function Secret() {
  const secret = useShownSecret<string>();
  return (
    <>
      <button type="button" onClick={() => secret.show("lh_live_secret")}>
        Create
      </button>
      {secret.shown && (
        <SecretOnce title="Key created" secret={secret.shown} what="API key" command="curl …" onClose={secret.close} />
      )}
    </>
  );
}

test("a secret closes only when it is said to be stored, and is nowhere after that", async () => {
  render(<Secret />);
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(screen.getByText("lh_live_secret")).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(screen.getByText("lh_live_secret")).toBeTruthy();
  const done = screen.getByRole("button", { name: "Done" }) as HTMLButtonElement;
  expect(done.disabled).toBe(true);
  await user.click(screen.getByLabelText("I have stored the API key"));
  await user.click(done);
  expect(document.documentElement.outerHTML).not.toContain("lh_live_secret");
  expect(JSON.stringify([window.sessionStorage, window.localStorage, window.location.href])).not.toContain(
    "lh_live_secret",
  );
});

test("nothing yet says what to do first", () => {
  render(
    <EmptyState icon={IconKey} title="No API keys yet" action={<button type="button">Create a key</button>}>
      One for each integration.
    </EmptyState>,
  );
  expect(screen.getByRole("heading", { name: "No API keys yet" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Create a key" })).toBeTruthy();
});

test("a skeleton has the table's columns, and is one word for who hears it", () => {
  render(<SkeletonTable columns={["Name", "Status"]} rows={3} />);
  expect(screen.getByRole("status").textContent).toContain("Loading");
  expect(screen.queryByRole("table")).toBeNull();
  expect(document.querySelectorAll("tbody tr")).toHaveLength(3);
});

test("a state is said by its word", () => {
  render(<StatusBadge tone="good">Active</StatusBadge>);
  expect(screen.getByText("Active")).toBeTruthy();
});

test("a small line rises with its numbers and says in words what it shows", () => {
  render(<Sparkline values={[0, 5, 10]} label="15 requests in 3 days" />);
  const line = screen.getByRole("img", { name: "15 requests in 3 days" });
  expect(line.querySelector("polyline")?.getAttribute("points")).toBe("0,23 50,12 100,1");
});

test.each([[[]], [[0, 0]], [[7]]])("%j is a line, too", (values) => {
  render(<Sparkline values={values} label="requests" />);
  expect(screen.getByRole("img").outerHTML).not.toMatch(/NaN|Infinity/);
});

beforeEach(() => vi.useRealTimers());
afterEach(() => vi.useRealTimers());

test("a search is heard once typing pauses", async () => {
  const heard = vi.fn();
  render(<SearchInput value="" onSearch={heard} label="Search keys" />);
  await user.type(screen.getByRole("searchbox"), "prod");
  expect(heard).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith("prod"));
  expect(heard).toHaveBeenCalledOnce();
});

test("`/` leads to the search, but not while something is typed, and Esc empties it", async () => {
  render(
    <>
      <input aria-label="Name" />
      <SearchInput value="old" onSearch={() => {}} label="Search keys" />
    </>,
  );
  const search = screen.getByRole("searchbox") as HTMLInputElement;
  await user.click(screen.getByLabelText("Name"));
  await user.keyboard("/");
  expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("/");
  act(() => (document.activeElement as HTMLElement).blur());
  await user.keyboard("/");
  expect(document.activeElement).toBe(search);
  expect(search.value).toBe("old");
  await user.keyboard("{Escape}");
  expect(search.value).toBe("");
});
