import type { Attempt } from "../../../api/schema";
import type { Page } from "../../../api/usePagedList";

/** A part of a webhook's history, as it is shown on one page. */
export interface Stretch {
  attempts: Attempt[];
  /** How many attempts were looked at to find these. */
  examined: number;
  /** When the event of the last one that was looked at came; null where there was none. */
  backTo: string | null;
}

export const PAGE_SIZE = 50;
/** Failed attempts come in pages of which each request finds some, or none. */
const FAILED_AT_ONCE = 25;
const MOST_REQUESTS = 10;

type FetchPage = (query: { limit: number; cursor?: string }) => Promise<Page<Attempt>>;

/** A page of the history as it is. */
export async function allAttempts(fetchPage: FetchPage, from: { cursor?: string }): Promise<Page<Stretch>> {
  const { data, nextCursor } = await fetchPage({ limit: PAGE_SIZE, ...from });
  return { data: [{ attempts: data, examined: data.length, backTo: data.at(-1)?.createdAt ?? null }], nextCursor };
}

/**
 * The failed attempts from here on: the API can't choose them, so pages are looked through until there are enough, and
 * at most ten at once. Where nothing more is found, the next page goes on looking.
 */
export async function failedAttempts(fetchPage: FetchPage, from: { cursor?: string }): Promise<Page<Stretch>> {
  const found: Attempt[] = [];
  let examined = 0;
  let backTo: string | null = null;
  let query = { limit: 2 * PAGE_SIZE, ...from };
  for (let request = 1; ; request++) {
    const { data, nextCursor } = await fetchPage(query);
    found.push(...data.filter(({ status }) => status === "failed"));
    examined += data.length;
    backTo = data.at(-1)?.createdAt ?? backTo;
    if (nextCursor === null || found.length >= FAILED_AT_ONCE || request === MOST_REQUESTS) {
      return { data: [{ attempts: found, examined, backTo }], nextCursor };
    }
    query = { ...query, cursor: nextCursor };
  }
}

/** How far was looked for what failed. */
export function stretchWords(
  { examined, backTo }: Stretch,
  more: boolean,
  timeWords: (time: string) => string,
): string {
  const count = examined === 1 ? "the one attempt" : `${examined.toLocaleString()} attempts`;
  if (!more || !backTo) return `Looked through ${count}${more ? "" : ", to the end of the history"}.`;
  return `Looked through ${count}, back to ${timeWords(backTo)}. The next page goes on from there.`;
}
