import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { CURSOR } from "../../api/usePagedList";
import { FILTER_NAMES, type KeyFilters, type KeyQuery, queryOf } from "./filters";

/** The filters in the URL, their query, and a way to change them. A change leads to the first page. */
export function useKeyFilters(): {
  filters: KeyFilters;
  query: KeyQuery;
  set: (changes: Partial<KeyFilters>) => void;
} {
  const [parameters, setParameters] = useSearchParams();
  const [now] = useState(() => new Date());
  const text = parameters.toString();
  const filters = useMemo(() => {
    const read = new URLSearchParams(text);
    return Object.fromEntries(FILTER_NAMES.map((name) => [name, read.get(name) ?? ""])) as unknown as KeyFilters;
  }, [text]);
  const query = useMemo(() => queryOf(filters, now), [filters, now]);
  const set = (changes: Partial<KeyFilters>) =>
    setParameters(
      () => {
        const next = new URLSearchParams(window.location.search);
        for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
        next.delete(CURSOR);
        return next;
      },
      { replace: true },
    );
  return { filters, query, set };
}
