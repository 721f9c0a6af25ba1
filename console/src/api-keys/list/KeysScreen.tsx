import { useEffect } from "react";
import { useSearch } from "wouter";
import type { ApiKey } from "../../api/schema";
import { CURSOR } from "../../api/usePagedList";
import { useSettings } from "../../app/SettingsContext";
import { PageHeader } from "../../ui/PageHeader";
import { useUrlParameter } from "../../url/useUrlParameter";
import { KeyDialogs } from "../changes/KeyDialogs";
import { useKeyDialog } from "../changes/useKeyDialog";
import { KeySections } from "../KeySections";
import { isSort, publicSearch, STATUSES } from "./arranging";
import { FILTER_NAMES, NO_FILTERS } from "./filters";
import { KeysActions } from "./KeysActions";
import { KeysList } from "./KeysList";
import { KeysToolbar } from "./KeysToolbar";
import { noteListSearch } from "./lastListSearch";
import { useKeyFilters } from "./useKeyFilters";
import { useListedKeys } from "./useListedKeys";

const RESETS = [CURSOR];

/** All keys of the account. */
export function KeysScreen() {
  const { keyPrefix } = useSettings();
  const [status, setStatus] = useUrlParameter("status", { resets: RESETS });
  const [search, setSearch] = useUrlParameter("search", { resets: RESETS });
  const [sort, setSort] = useUrlParameter("sort");
  const dialog = useKeyDialog();
  const parameters = useSearch();
  useEffect(() => noteListSearch(new URLSearchParams(parameters)), [parameters]);
  const { filters, query, set } = useKeyFilters();
  const arrangement = {
    status: STATUSES.find((each) => each === status) ?? ("" as ApiKey["status"] | ""),
    search,
    query,
    sort: isSort(sort) ? sort : "newest",
  } as const;
  const listed = useListedKeys(arrangement);
  const isFiltered = Boolean(arrangement.status || search) || FILTER_NAMES.some((name) => filters[name]);
  const isEmpty = !listed.isPending && !listed.isLoading && !listed.error && listed.keys.length === 0 && !isFiltered;
  const clear = () => {
    setSearch("");
    setStatus("");
    set(NO_FILTERS);
  };
  return (
    <>
      <PageHeader
        title="API keys"
        about="Credentials with which your systems call the API."
        action={!isEmpty && <KeysActions onCreate={() => dialog.open("create")} />}
      />
      <KeySections />
      {!isEmpty && (
        <KeysToolbar
          arrangement={arrangement}
          isFiltered={isFiltered}
          filters={filters}
          onFilter={set}
          listed={listed}
          onSearch={(text) => setSearch(publicSearch(text, keyPrefix))}
          onStatus={setStatus}
          onSort={(next) => setSort(next === "newest" ? "" : next)}
        />
      )}
      <KeysList
        listed={listed}
        sort={listed.page ? null : arrangement.sort}
        isFiltered={isFiltered}
        onSort={(next) => setSort(next === "newest" ? "" : next)}
        onClear={clear}
        onCreate={() => dialog.open("create")}
      />
      <KeyDialogs />
    </>
  );
}
