import type { ApiKey, BulkRevocation, Revocation } from "../../api/schema";

/** A key that the dry run found. */
export type FoundKey = Pick<ApiKey, "id" | "name" | "prefix">;

export type Outcome = "revoked" | "kept" | "not_found";

/** The dry run, from page to page: every key that a filter finds. `note` hears how many there are so far. */
export async function findKeys(
  ask: (cursor: string | null) => Promise<BulkRevocation>,
  note: (found: number) => void,
): Promise<FoundKey[]> {
  const found: FoundKey[] = [];
  let cursor: string | null = null;
  do {
    const page: BulkRevocation = await ask(cursor);
    found.push(...page.data.map(({ id, name, prefix }) => ({ id, name: name ?? id, prefix: prefix ?? "" })));
    note(found.length);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

/** Keys of one request: few enough that it ends soon, and that there is a progress to show. */
export const AT_ONCE = 50;

/**
 * Revokes those of `ids` that have no outcome yet, some at a time. `note` hears of every outcome as soon as it is known;
 * the first error ends it, and what was done stays noted. An answer leaves out the keys that the filter finds no longer:
 * those that were used in between, and those that a request whose answer was lost has revoked; `isRevoked` says which.
 */
export async function revokeKeys(
  ids: readonly string[],
  known: ReadonlyMap<string, Outcome>,
  ask: (ids: string[]) => Promise<Revocation[]>,
  isRevoked: (id: string) => Promise<boolean>,
  note: (outcomes: ReadonlyMap<string, Outcome>) => void,
): Promise<ReadonlyMap<string, Outcome>> {
  let outcomes = known;
  const open = ids.filter((id) => !known.has(id));
  for (let start = 0; start < open.length; start += AT_ONCE) {
    const some = open.slice(start, start + AT_ONCE);
    const answers = new Map((await ask(some)).map(({ id, outcome }) => [id, outcome]));
    const learnt = await Promise.all(
      some.map(async (id): Promise<[string, Outcome]> => {
        const answer = answers.get(id);
        if (answer === "revoked" || answer === "not_found") return [id, answer];
        return [id, (await isRevoked(id)) ? "revoked" : "kept"];
      }),
    );
    outcomes = new Map([...outcomes, ...learnt]);
    note(outcomes);
  }
  return outcomes;
}

export function countOf(outcomes: ReadonlyMap<string, Outcome>, wanted: Outcome): number {
  return [...outcomes.values()].filter((outcome) => outcome === wanted).length;
}

/** From so many keys on, their number is typed. */
export const TYPED_FROM = 6;

export function keysWords(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? "key" : "keys"}`;
}
