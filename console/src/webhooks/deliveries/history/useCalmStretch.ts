import { useEffect, useState } from "react";
import type { Stretch } from "./stretches";

/** What of a live history is shown: new rows come at once while its top is in sight, else when they are asked for. */
export interface CalmStretch {
  calm: Stretch | undefined;
  /** How many attempts have come that aren't shown yet. */
  waiting: number;
  showAll: () => void;
}

/** `page` names what is looked at: of another page nothing is held back. Without `stretch` that page is on its way. */
export function useCalmStretch(stretch: Stretch | undefined, page: string, isAtTop: () => boolean): CalmStretch {
  const [kept, setKept] = useState({ page, stretch });
  const calm = kept.page === page && kept.stretch ? kept.stretch : stretch;
  const waiting = countNew(stretch, calm);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the reader is matters when something comes, not before
  useEffect(() => {
    if (kept.page !== page || !kept.stretch || countNew(stretch, kept.stretch) === 0 || isAtTop()) {
      setKept({ page, stretch });
    }
  }, [stretch, page]);
  return { calm, waiting, showAll: () => setKept({ page, stretch }) };
}

function countNew(all: Stretch | undefined, shown: Stretch | undefined): number {
  if (!all || !shown || all === shown) return 0;
  const known = new Set(shown.attempts.map(({ id }) => id));
  return all.attempts.filter(({ id }) => !known.has(id)).length;
}
