import type { Attempt } from "../../api/schema";
import { formatDuration } from "../../format/numbers";
import type { Tone } from "../../ui/StatusBadge";

const TRIGGERS: Record<Attempt["trigger"], string> = {
  event: "Event",
  retry: "Automatic retry",
  manual: "Retried by hand",
  test: "Test",
  recover: "Recovery",
};

/** What an attempt was made for. */
export function triggerWords(trigger: Attempt["trigger"]): string {
  return TRIGGERS[trigger];
}

export function attemptTone(status: Attempt["status"]): Tone {
  return status === "success" ? "good" : "bad";
}

export function attemptWord(status: Attempt["status"]): string {
  return status === "success" ? "Delivered" : "Failed";
}

/** `200`, or what there was instead of an answer. */
export function answerWord(attempt: Pick<Attempt, "response">): string {
  return attempt.response ? `HTTP ${attempt.response.status}` : "No answer";
}

/** How long the whole call took. */
export function durationWords({ timingsMs }: Pick<Attempt, "timingsMs">): string {
  if (timingsMs.total === undefined) return "–";
  return timingsMs.total < 1 ? "< 1 ms" : formatDuration(timingsMs.total);
}

/** What the receiver's owner can do about a failure; null where the failure's own words say it all. */
export function failureAdvice({ status, response, errorMessage }: Attempt): string | null {
  if (status === "success") return null;
  if (!response) {
    if (errorMessage?.startsWith("Timed out")) return "Answer at once with a 2xx, and do the work afterwards.";
    if (errorMessage?.includes("TLS certificate")) return "Its certificate must be valid for the host, with its chain.";
    return null;
  }
  const code = response.status;
  if (code >= 200 && code < 300) return null;
  if (code >= 300 && code < 400) return "Give the webhook the URL that this leads to.";
  if (code === 401 || code === 403) return "The receiver refused the request: check how it verifies the signature.";
  if (code === 404 || code === 405) return "Nothing takes a POST there: check the webhook's URL.";
  if (code === 410) return "The receiver says that it is gone for good, which disables the webhook.";
  if (code === 413) return "The receiver takes no body of this size.";
  if (code === 429) return "The receiver wants fewer requests: a rate limit of the webhook spreads them.";
  if (code >= 500) return "The receiver failed: its log says why.";
  return null;
}

const moment = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `Mar 4, 02:05:09 PM`: for attempts, which are seconds apart. */
export function momentWords(time: string): string {
  return moment.format(new Date(time));
}
