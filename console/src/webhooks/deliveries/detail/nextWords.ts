import type { Delivery, Webhook } from "../../../api/schema";
import { formatRelativeTime } from "../../../format/times";

/** What comes after a delivery's newest attempt, as far as that is known. */
export interface Next {
  words: string;
  /** When, where there is a moment to it. */
  at: string | null;
}

/** `awaited` is an attempt that was just asked for and isn't there yet. */
export function nextOf(
  delivery: Pick<Delivery, "status" | "nextAttemptAt" | "attempts">,
  webhook: Pick<Webhook, "status">,
  awaited: number | null,
  now: Date,
): Next | null {
  const newest = delivery.attempts[0]?.attempt ?? 0;
  if (awaited !== null && awaited > newest) return { words: `Attempt ${awaited} is being made…`, at: null };
  const at = delivery.nextAttemptAt;
  if (at === null) {
    if (delivery.status === "success" || delivery.attempts[0]?.trigger === "test") return null;
    return { words: "No more attempts are planned.", at: null };
  }
  const attempt = `Attempt ${newest + 1}`;
  if (webhook.status === "paused") return { words: `${attempt} waits until the webhook is resumed.`, at: null };
  if (webhook.status === "disabled") return { words: "No more attempts: the webhook is disabled.", at: null };
  if (Date.parse(at) <= now.getTime()) return { words: `${attempt} is due now`, at };
  return { words: `${attempt} ${formatRelativeTime(at, now)}`, at };
}

/** Why there can be no attempt by hand now; null where there can. */
export function whyNoRetry(delivery: Pick<Delivery, "requestBody">, webhook: Pick<Webhook, "status" | "url">) {
  if (delivery.requestBody === null) return "The event isn't kept any more, so it can't be sent again.";
  if (webhook.url === null) return "The webhook has no address.";
  if (webhook.status === "paused") return "Resume the webhook to retry.";
  if (webhook.status === "disabled") return "Enable the webhook to retry.";
  return null;
}
