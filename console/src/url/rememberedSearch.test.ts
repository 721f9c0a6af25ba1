import { expect, test } from "vitest";
import { rememberedSearch } from "./rememberedSearch";

test("a list is found again as it was left, and only by the account whose list it is", () => {
  const search = rememberedSearch(["status", "cursor"]);
  expect(search.recall(new URLSearchParams())).toEqual({});
  search.note(new URLSearchParams("status=active&cursor=B&open=create&account=c1"));
  expect(search.recall(new URLSearchParams("days=7&account=c1"))).toEqual({ status: "active", cursor: "B" });
  expect(search.recall(new URLSearchParams("account=c2"))).toEqual({});
  expect(search.recall(new URLSearchParams())).toEqual({});
});
