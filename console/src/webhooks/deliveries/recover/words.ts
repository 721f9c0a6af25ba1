import type { Recovery } from "../../../api/schema";
import { formatNumber } from "../../../format/numbers";
import type { Tone } from "../../../ui/StatusBadge";

export type Only = Recovery["only"];

const STATUSES: Record<Recovery["status"], { word: string; tone: Tone }> = {
  running: { word: "Running", tone: "waiting" },
  finished: { word: "Finished", tone: "good" },
  cancelled: { word: "Cancelled", tone: "off" },
};

export function recoveryWord(status: Recovery["status"]): string {
  return STATUSES[status].word;
}

export function recoveryTone(status: Recovery["status"]): Tone {
  return STATUSES[status].tone;
}

/** Which deliveries it is for. */
export function onlyWords(only: Only): string {
  if (only === "failed") return "Failed";
  return only === "missing" ? "Missed while disabled" : "Failed and missed";
}

/** What it is doing at the moment. */
export function doingWords({ lookingFor }: Recovery): string {
  return lookingFor === "failed"
    ? "Sending failed deliveries again…"
    : "Sending deliveries that came while the webhook was disabled…";
}

/** How many deliveries it has looked at, sent and left out. */
export function countWords({ examined, sent, skipped }: Recovery): string {
  const counts = [`${formatNumber(sent)} sent again`, `${formatNumber(examined)} looked at`];
  if (skipped > 0) counts.push(`${formatNumber(skipped)} not kept any more`);
  return counts.join(" · ");
}

/**
 * How far a recovery is, from 0 to 1, by the times of the events that it has come to; what is for both kinds goes over
 * them twice. It says nothing of how many deliveries are left.
 */
export function progressOf({ status, since, until, reachedAt, only, lookingFor }: Recovery): number {
  if (status === "finished") return 1;
  const start = Date.parse(since);
  const span = Date.parse(until) - start;
  const share = reachedAt === null || span <= 0 ? 0 : (Date.parse(reachedAt) - start) / span;
  const pass = Math.min(1, Math.max(0, share));
  if (only !== null) return pass;
  return lookingFor === "failed" ? pass / 2 : 0.5 + pass / 2;
}
