import type { ComboboxItem, OptionsFilter } from "@mantine/core";
import { comparable } from "../format/names";
import { formatNumber } from "../format/numbers";

/** The most accounts that are shown at the same time. */
export const MOST_SHOWN = 50;

/** The value of the line that says how many more accounts fit. It cannot be chosen. */
export const MORE = "";

/** The accounts whose name or id contains the search text, those that begin with it first. */
export const accountChoices: OptionsFilter = ({ options, search }) => {
  const wanted = comparable(search.trim());
  const items = options as ComboboxItem[];
  const begins = ({ value, label }: ComboboxItem) => [label, value].some((text) => comparable(text).startsWith(wanted));
  const contains = ({ value, label }: ComboboxItem) => [label, value].some((text) => comparable(text).includes(wanted));
  const found = wanted
    ? items.filter(contains).sort((one, other) => Number(begins(other)) - Number(begins(one)))
    : items;
  if (found.length <= MOST_SHOWN) return found;
  const left = formatNumber(found.length - MOST_SHOWN);
  return [...found.slice(0, MOST_SHOWN), { value: MORE, label: `${left} more. Type to find them.`, disabled: true }];
};
