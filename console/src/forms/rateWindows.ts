import { durationWords } from "../format/durations";

const SECONDS = [1, 60, 3600, 86_400];

/** The windows of a rate limit to choose from; one that is none of them stays among them. */
export function rateWindows(own: number): { value: string; label: string }[] {
  const all = [...new Set([...SECONDS, own])].sort((one, other) => one - other);
  return all.map((seconds) => ({ value: String(seconds), label: durationWords(seconds) }));
}
