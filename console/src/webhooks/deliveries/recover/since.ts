/** From when a recovery goes over a webhook's deliveries. */
export interface Choice {
  value: string;
  label: string;
}

const HOUR_MILLISECONDS = 3_600_000;
const SPANS = [
  { value: "1", label: "The last hour" },
  { value: "24", label: "The last 24 hours" },
  { value: "168", label: "The last 7 days" },
];

export const OFFERED = "offered";
export const OWN = "own";

/** `recoverSince` is what the API offers after a webhook was enabled again; it stands first. */
export function choices(recoverSince: string | null, timeWords: (time: string) => string): Choice[] {
  return [
    ...(recoverSince ? [{ value: OFFERED, label: `Before it failed: ${timeWords(recoverSince)}` }] : []),
    ...SPANS,
    { value: OWN, label: "A time of your choice" },
  ];
}

/** The moment of a choice as the API takes it; null for a time that isn't written yet. */
export function sinceOf(choice: string, own: string, recoverSince: string | null, now: Date): string | null {
  if (choice === OFFERED) return recoverSince;
  if (choice !== OWN) return new Date(now.getTime() - Number(choice) * HOUR_MILLISECONDS).toISOString();
  const time = new Date(own); // of a field for local times
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** What is wrong with a time of one's own; null if nothing is. */
export function ownProblem(own: string, now: Date): string | null {
  const since = sinceOf(OWN, own, null, now);
  if (since === null) return "Choose a day and a time.";
  return Date.parse(since) > now.getTime() ? "Choose a time that is over." : null;
}
