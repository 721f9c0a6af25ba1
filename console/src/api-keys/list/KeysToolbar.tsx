import { NativeSelect, Text } from "@mantine/core";
import type { ApiKey } from "../../api/schema";
import { formatNumber } from "../../format/numbers";
import { SearchInput } from "../../ui/SearchInput";
import { MOST_KEYS } from "../data/useAllKeys";
import { type Arrangement, SORTS, type Sort, STATUSES } from "./arranging";
import type { KeyFilters } from "./filters";
import { KeyFilterChips } from "./KeyFilterChips";
import { KeyFilterMenu } from "./KeyFilterMenu";
import classes from "./KeysToolbar.module.css";
import type { ListedKeys } from "./useListedKeys";
import { statusWord } from "./words";

/** Search, filters and order, and the number of keys that match. */
export function KeysToolbar(props: {
  arrangement: Arrangement;
  listed: ListedKeys;
  isFiltered: boolean;
  filters: KeyFilters;
  onFilter: (changes: Partial<KeyFilters>) => void;
  onSearch: (text: string) => void;
  onStatus: (status: string) => void;
  onSort: (sort: Sort) => void;
}) {
  const { arrangement, listed, isFiltered, filters, onFilter, onSearch, onStatus, onSort } = props;
  const { counts } = listed;
  const option = (status: ApiKey["status"]) => ({
    value: status,
    label: statusWord(status) + (counts ? ` (${formatNumber(counts[status])})` : ""),
  });
  return (
    <>
      <search className={classes.toolbar}>
        <div className={classes.search}>
          <SearchInput value={arrangement.search} onSearch={onSearch} label="Search name or prefix" />
        </div>
        <NativeSelect
          aria-label="Status"
          data={[{ value: "", label: "All statuses" }, ...STATUSES.map(option)]}
          value={arrangement.status}
          onChange={(event) => onStatus(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="Order"
          data={Object.entries(SORTS).map(([value, label]) => ({ value, label }))}
          value={listed.page ? "newest" : arrangement.sort}
          disabled={listed.page !== null}
          onChange={(event) => onSort(event.currentTarget.value as Sort)}
        />
        <KeyFilterMenu filters={filters} set={onFilter} />
        <Text size="sm" c="dimmed" className={classes.count ?? ""} role="status">
          {countWords(isFiltered, listed)}
        </Text>
      </search>
      <KeyFilterChips filters={filters} set={onFilter} />
      {listed.page && (
        <Text size="sm" c="dimmed" mb="md">
          There are more than {formatNumber(MOST_KEYS)} keys. They come in pages, newest first; search and filters look
          at all of them.
        </Text>
      )}
    </>
  );
}

function countWords(isFiltered: boolean, { keys, isPending, isLoading, error, page, counts }: ListedKeys): string {
  if (isPending || page || error) return "";
  if (isLoading) return `${formatNumber(keys.length)} so far…`;
  const all = counts ? Object.values(counts).reduce((sum, count) => sum + count, 0) : keys.length;
  const noun = all === 1 ? "key" : "keys";
  if (isFiltered) return `${formatNumber(keys.length)} of ${formatNumber(all)} ${noun}`;
  return `${formatNumber(all)} ${noun}`;
}
