import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

/** One page of a list, as the address says. A function that is missing leads nowhere. */
export interface PagedList<T> {
  items: T[];
  /** No page has come yet: show a skeleton. */
  isPending: boolean;
  /** Another page is on its way, and `items` are still those of the one before. */
  isStale: boolean;
  error: unknown;
  retry: () => void;
  toFirst?: (() => void) | undefined;
  toPrevious?: (() => void) | undefined;
  toNext?: (() => void) | undefined;
}

export const CURSOR = "cursor";

/** The cursors of the pages before this one, kept with the entry of the history: they survive a reload, too. */
interface Trail {
  cursors: string[];
}

/**
 * A list that comes in pages, whose `cursor` stands in the address. `queryKey` names all that decides what is in the
 * list, filters too; whoever changes a filter resets `CURSOR` (`useUrlParameter(name, { resets: [CURSOR] })`).
 */
export function usePagedList<T>(options: {
  queryKey: readonly unknown[];
  fetchPage: (page: { cursor?: string }, signal: AbortSignal) => Promise<Page<T>>;
  enabled?: boolean;
  refetchMilliseconds?: number;
}): PagedList<T> {
  const [parameters, setParameters] = useSearchParams();
  const trail = useHistoryState<Trail | null>()?.cursors ?? null;
  const cursor = parameters.get(CURSOR) ?? "";
  const query = useQuery({
    queryKey: [...options.queryKey, { cursor }],
    queryFn: ({ signal }) => options.fetchPage(cursor ? { cursor } : {}, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchMilliseconds ?? false,
  });

  const goTo = (to: string, cursors: string[]) => {
    setParameters(
      () => {
        const next = new URLSearchParams(window.location.search);
        if (to) next.set(CURSOR, to);
        else next.delete(CURSOR);
        return next;
      },
      { state: { cursors } satisfies Trail },
    );
  };
  const next = query.data?.nextCursor;
  return {
    items: query.data?.data ?? [],
    isPending: query.isPending,
    isStale: query.isPlaceholderData,
    error: query.error,
    retry: () => void query.refetch(),
    toFirst: cursor ? () => goTo("", []) : undefined,
    toPrevious: cursor && trail?.length ? () => goTo(trail.at(-1) ?? "", trail.slice(0, -1)) : undefined,
    toNext: next && !query.isPlaceholderData ? () => goTo(next, [...(trail ?? []), cursor]) : undefined,
  };
}
