import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { ApiError } from "../../api/problem";
import type { EventType } from "../../api/schema";
import { useEventTypes } from "../data/useEventTypes";
import { webhookQueries } from "../data/webhookQueries";
import { picks } from "./eventGroups";
import { type LineProblem, readObject } from "./jsonObject";
import { lineOf, placesOf } from "./jsonPlaces";

const PAUSE_MILLISECONDS = 400;

export interface FilterTrial {
  /** Event types with an example, those first that the webhook gets. */
  types: EventType[];
  type: string;
  chooseType: (name: string) => void;
  event: string;
  editEvent: (text: string) => void;
  /** What is wrong with either, at its line. */
  filter: { problem: LineProblem | null };
  eventProblem: LineProblem | null;
  /** Whether the event gets through; null as long as that isn't known. */
  matches: boolean | null;
  isPending: boolean;
  /** What isn't about a place in the texts. */
  error: unknown;
  retry: () => void;
}

/** Tries a filter on an event while both are written. */
export function useFilterTest(filterText: string, patterns: readonly string[]): FilterTrial {
  const api = useApi();
  const { types: all } = useEventTypes();
  const types = useMemo(() => {
    const withExample = all.filter(({ example }) => example !== null);
    return [
      ...withExample.filter(({ name }) => picks(patterns, name)),
      ...withExample.filter(({ name }) => !picks(patterns, name)),
    ];
  }, [all, patterns]);
  const [asked, setAsked] = useState<string | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const type = asked ?? types[0]?.name ?? "";
  const event = edited ?? bodyOf(types.find(({ name }) => name === type));
  const [texts] = useDebouncedValue(
    useMemo(() => ({ filterText, event }), [filterText, event]),
    PAUSE_MILLISECONDS,
  );
  const [filter, body] = [readObject(texts.filterText), readObject(texts.event)];
  const canAsk = "value" in filter && "value" in body;
  const query = useQuery({
    queryKey: [...webhookQueries.filterTest, texts],
    queryFn: ({ signal }) =>
      answered(
        api.POST("/webhooks/filter-test", {
          body: {
            filter: "value" in filter ? filter.value : {},
            event: "value" in body ? body.value : {},
            eventType: null,
          },
          signal,
        }),
      ),
    enabled: canAsk,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const isCurrent = texts.filterText === filterText && texts.event === event;
  const refused = query.error instanceof ApiError && query.error.fields.length > 0 && isCurrent ? query.error : null;
  return {
    types,
    type,
    chooseType: (name) => {
      setAsked(name);
      setEdited(null);
    },
    event,
    editEvent: setEdited,
    filter: { problem: placed(refused, "/filter", filterText) },
    eventProblem:
      placed(refused, "/event", event) ?? (isCurrent && "problem" in body && filterText ? body.problem : null),
    matches: canAsk && !query.error ? (query.data?.matches ?? null) : null,
    isPending: canAsk && (query.isFetching || !isCurrent),
    error: query.error && !(query.error instanceof ApiError && query.error.fields.length > 0) ? query.error : null,
    retry: () => void query.refetch(),
  };
}

/** What the API found at a pointer below `root`, at its line in the text that stood there. */
function placed(error: ApiError | null, root: string, text: string): LineProblem | null {
  const field = error?.fields.find(({ pointer }) => pointer === root || pointer.startsWith(`${root}/`));
  if (!field) return null;
  return { line: lineOf(placesOf(text), field.pointer.slice(root.length)), words: field.detail };
}

const NO_TYPE = { name: "order.created", example: { number: 1001, total: 250 } };

/** An event's body as receivers get it, of a type's example. */
function bodyOf(type: Pick<EventType, "name" | "example"> | undefined): string {
  const { name, example } = type ?? NO_TYPE;
  return JSON.stringify({ event: name, entity: example }, null, 2);
}
