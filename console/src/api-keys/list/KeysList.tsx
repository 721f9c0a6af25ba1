import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import IconKey from "~icons/tabler/key";
import IconPlus from "~icons/tabler/plus";
import IconSearch from "~icons/tabler/search";
import type { ApiKey } from "../../api/schema";
import { CURSOR } from "../../api/usePagedList";
import { useUsers } from "../../members/useUsers";
import { Allowed } from "../../session/Allowed";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Pager } from "../../ui/Pager";
import { SkeletonTable } from "../../ui/SkeletonTable";
import { useUrlParameter } from "../../url/useUrlParameter";
import { UsageLoader } from "../data/UsageLoader";
import { useProfiles } from "../data/useProfiles";
import type { Sort } from "./arranging";
import { KeyCards, SkeletonCards } from "./KeyCards";
import { COLUMNS, KeysTable } from "./KeysTable";
import classes from "./KeysTable.module.css";
import type { ListedKeys } from "./useListedKeys";
import { isOwnedByOther } from "./words";

/** The keys as a table, or as cards where that is too wide; or why there are none. */
export function KeysList(props: {
  listed: ListedKeys;
  /** Null where the list can't be sorted. */
  sort: Sort | null;
  isFiltered: boolean;
  onSort: (sort: Sort) => void;
  onClear: () => void;
  onCreate: () => void;
}) {
  const { listed, sort, isFiltered, onSort, onClear, onCreate } = props;
  const { keys, isPending, isLoading, error, retry, page } = listed;
  const isWide = useMediaQuery("(min-width: 62em)", undefined, { getInitialValueInEffect: false });
  useTopOfPage(useUrlParameter(CURSOR)[0]);
  const { nameOf } = useProfiles({ enabled: keys.some((key) => key.profileId !== null) });
  const { nameOf: userName } = useUsers({ enabled: keys.some(isOwnedByOther) });
  const ownerOf = (key: ApiKey) => (isOwnedByOther(key) ? `Owner: ${userName(key.ownerUserId)}` : undefined);
  if (error && keys.length === 0)
    return <ErrorNotice error={error} title="The keys couldn't be loaded" retry={retry} />;
  if (isPending || (isLoading && keys.length === 0)) return isWide ? <Waiting /> : <SkeletonCards />;
  return (
    <UsageLoader>
      {error != null && <ErrorNotice error={error} title="Not all keys could be loaded" retry={retry} />}
      {keys.length > 0 && isWide && (
        <KeysTable keys={keys} sort={sort} onSort={onSort} profileName={nameOf} ownerOf={ownerOf} />
      )}
      {keys.length > 0 && !isWide && <KeyCards keys={keys} profileName={nameOf} ownerOf={ownerOf} />}
      {keys.length === 0 &&
        !isLoading &&
        (isFiltered ? (
          <NothingFound onClear={onClear} hasMore={page?.toNext !== undefined} />
        ) : (
          <None onCreate={onCreate} />
        ))}
      {page && <Pager list={page} />}
    </UsageLoader>
  );
}

/** As high as the rows that come. */
function Waiting() {
  return (
    <div className={classes.waiting}>
      <SkeletonTable columns={COLUMNS} />
    </div>
  );
}

/** Another page is read from its top. */
function useTopOfPage(cursor: string): void {
  const last = useRef(cursor);
  useEffect(() => {
    if (last.current !== cursor) window.scrollTo(0, 0);
    last.current = cursor;
  }, [cursor]);
}

function None({ onCreate }: { onCreate: () => void }) {
  return (
    <EmptyState
      icon={IconKey}
      title="No API keys yet"
      action={
        <Allowed to="api-keys:write">
          <Button leftSection={<IconPlus size={16} />} onClick={onCreate}>
            New key
          </Button>
        </Allowed>
      }
    >
      Create a key for each integration or environment: each can be limited, rotated and revoked on its own.
    </EmptyState>
  );
}

function NothingFound({ onClear, hasMore }: { onClear: () => void; hasMore: boolean }) {
  return (
    <EmptyState
      icon={IconSearch}
      title="No key fits"
      action={
        <Button variant="default" onClick={onClear}>
          Show all keys
        </Button>
      }
    >
      {hasMore
        ? "None of the keys on this page. The next pages may have some."
        : "Search looks at names, and at the first characters of keys."}
    </EmptyState>
  );
}
