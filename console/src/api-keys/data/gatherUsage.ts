import type { UsedKey } from "../../api/schema";

/** What the API takes in one request. */
export const MOST_IDS = 100;
const GATHER_MILLISECONDS = 60;

interface Waiting {
  id: string;
  signal: AbortSignal;
  resolve: (usage: UsedKey | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes one request of what rows ask for at about the same time. Who has scrolled on is left out; a key that the API
 * doesn't know any more is null.
 */
export function createUsageLoader(fetchUsage: (ids: string[]) => Promise<UsedKey[]>) {
  let waiting: Waiting[] = [];

  const send = async (asked: Waiting[]) => {
    try {
      const usages = new Map((await fetchUsage(asked.map(({ id }) => id))).map((usage) => [usage.keyId, usage]));
      for (const { id, resolve } of asked) resolve(usages.get(id) ?? null);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  const flush = () => {
    const wanted = waiting.filter(({ signal }) => !signal.aborted);
    for (const { signal, reject } of waiting) if (signal.aborted) reject(signal.reason);
    waiting = [];
    for (let start = 0; start < wanted.length; start += MOST_IDS) void send(wanted.slice(start, start + MOST_IDS));
  };

  return (id: string, signal: AbortSignal): Promise<UsedKey | null> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setTimeout(flush, GATHER_MILLISECONDS);
      waiting.push({ id, signal, resolve, reject });
    });
}
