import type { ComboboxItem } from "@mantine/core";
import { expect, test } from "vitest";
import { accountChoices, MOST_SHOWN } from "./accountChoices";

const account = (value: string, label = value): ComboboxItem => ({ value, label });
const found = (options: ComboboxItem[], search: string) =>
  (accountChoices({ options, search, limit: Number.POSITIVE_INFINITY }) as ComboboxItem[]).map(({ label }) => label);

test("accounts are found by name and by id, whatever the case", () => {
  const options = [account("c-1", "Müller"), account("c-2", "Northwind"), account("north-3", "Contoso")];
  expect(found(options, " NORTH ")).toEqual(["Northwind", "Contoso"]);
  expect(found(options, "mÜLL")).toEqual(["Müller"]);
  expect(found(options, "nothing")).toEqual([]);
});

test("accounts that begin with the text come first", () => {
  expect(found([account("a", "Fine foods"), account("b", "Food & Co")], "food")).toEqual(["Food & Co", "Fine foods"]);
});

test("a line says how many of 5,000 accounts are not shown", () => {
  const options = Array.from({ length: 5000 }, (_, number) => account(`client-${number}`));
  const all = found(options, "");
  expect(all).toHaveLength(MOST_SHOWN + 1);
  expect(all.at(-1)).toBe("4,950 more. Type to find them.");
  expect(found(options, "client-4999")).toEqual(["client-4999"]);
});
