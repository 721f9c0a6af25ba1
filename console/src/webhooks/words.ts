import type { Webhook } from "../api/schema";
import type { Tone } from "../ui/StatusBadge";

/** What a webhook is doing: its status, and whether its receiver fails. */
export type State = Webhook["status"] | "failing" | "incomplete";

const WORDS: Record<State, string> = {
  active: "Active",
  failing: "Failing",
  paused: "Paused",
  disabled: "Disabled",
  incomplete: "No address",
};
const TONES: Record<State, Tone> = {
  active: "good",
  failing: "bad",
  paused: "waiting",
  disabled: "bad",
  incomplete: "off",
};

export const STATES = ["active", "failing", "paused", "disabled"] as const satisfies readonly State[];

export function stateOf({ status, failingSince, url }: Pick<Webhook, "status" | "failingSince" | "url">): State {
  if (url === null) return "incomplete";
  return status === "active" && failingSince !== null ? "failing" : status;
}

export function stateWord(state: State): string {
  return WORDS[state];
}

export function stateTone(state: State): Tone {
  return TONES[state];
}

/** What a webhook is called: where it goes. */
export function nameOf({ url }: Pick<Webhook, "url">): string {
  return url ?? "The default webhook";
}

/** The part of its address that somebody knows it by, `hooks.example.com`. */
export function hostOf({ url }: Pick<Webhook, "url">): string {
  return url === null ? "default" : new URL(url).host;
}

/** Which events it gets, in a few words. */
export function eventsWords(events: readonly string[]): string {
  if (events.includes("*")) return "All events";
  return events.join(", ");
}
