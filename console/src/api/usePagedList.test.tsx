import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { problem, renderInConsole } from "../testing";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Pager } from "../ui/Pager";
import { useUrlParameter } from "../url/useUrlParameter";
import { useApi } from "./ApiContext";
import { answered } from "./client";
import { CURSOR, usePagedList } from "./usePagedList";

const user = userEvent.setup();
const PAGES: Record<string, { data: string[]; nextCursor: string | null }> = {
  "": { data: ["one"], nextCursor: "B" },
  B: { data: ["two"], nextCursor: "C" },
  C: { data: ["three"], nextCursor: null },
};
const cursorOf = (request: Request) => new URL(request.url).searchParams.get("cursor") ?? "";

function List() {
  const api = useApi();
  const [status, setStatus] = useUrlParameter("status", { resets: [CURSOR] });
  const list = usePagedList<unknown>({
    queryKey: ["list", status],
    fetchPage: (page, signal) => answered(api.GET("/api-keys", { params: { query: page }, signal })),
  });
  if (list.error) return <ErrorNotice error={list.error} title="The list didn't come" retry={list.retry} />;
  return (
    <>
      <button type="button" onClick={() => setStatus("active")}>
        Filter
      </button>
      {list.isPending ? "Loading" : list.items.map(String).join()}
      <Pager list={list} />
    </>
  );
}

const press = (name: string) => user.click(screen.getByRole("button", { name }));
const shown = (text: string) => screen.findByText(text, { exact: false });

test("pages are turned forth and back, and stand in the address", async () => {
  const { requests } = renderInConsole(<List />, { answer: (request) => PAGES[cursorOf(request)] });
  await shown("one");
  await press("Next");
  await shown("two");
  expect(window.location.search).toBe("?cursor=B");
  await press("Next");
  await shown("three");
  expect(screen.getByRole("button", { name: "Next" })).toHaveProperty("disabled", true);
  await press("Previous");
  await shown("two");
  await press("First page");
  await shown("one");
  expect(window.location.search).toBe("");
  expect(requests.map(cursorOf)).toEqual(["", "B", "C"]);
});

test("a page that is opened by its address leads on, and to the first", async () => {
  renderInConsole(<List />, { answer: (request) => PAGES[cursorOf(request)], path: "/?cursor=B" });
  await shown("two");
  expect(screen.getByRole("button", { name: "Previous" })).toHaveProperty("disabled", true);
  await press("First page");
  await shown("one");
});

test("another filter begins at the first page", async () => {
  const { requests } = renderInConsole(<List />, { answer: (request) => PAGES[cursorOf(request)], path: "/?cursor=C" });
  await shown("three");
  await press("Filter");
  await shown("one");
  expect(window.location.search).toBe("?status=active");
  expect(requests.map(cursorOf)).toEqual(["C", ""]);
});

test("a list of one page has no pages to turn", async () => {
  renderInConsole(<List />, { answer: () => ({ data: ["only"], nextCursor: null }) });
  await shown("only");
  expect(screen.queryByRole("navigation", { name: "Pages" })).toBeNull();
});

test("a cursor that holds no longer is said", async () => {
  renderInConsole(<List />, { answer: () => problem(422, "invalid_cursor", "The cursor is of another list.") });
  await shown("The cursor is of another list.");
});
