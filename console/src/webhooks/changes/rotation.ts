import type { RotatedWebhookSecret } from "../../api/schema";
import { durationWords } from "../../format/durations";
import { formatExactTime } from "../../format/times";

const DAY_SECONDS = 86_400;

/** What receivers that take one secret need to be changed at their own pace. */
export const USUAL_OVERLAP_SECONDS = DAY_SECONDS;

const CHOICES = [0, 3600, DAY_SECONDS, 3 * DAY_SECONDS, 7 * DAY_SECONDS];

export const overlaps: { value: string; label: string }[] = CHOICES.map((seconds) => ({
  value: String(seconds),
  label: seconds === 0 ? "None: the old one ends at once" : durationWords(seconds),
}));

/** What both secrets will sign, and until when. */
export function overlapWords(seconds: number, now: Date): string {
  if (seconds === 0)
    return "Only the new secret signs, from now on. A receiver that has the old one refuses deliveries.";
  const end = formatExactTime(new Date(now.getTime() + seconds * 1000));
  return `Both secrets sign each delivery until ${end}, and the new one alone after that. Give your receiver the new one before.`;
}

/** What has become of the old secret. */
export function rotatedWords({
  previousSecretsSignUntil,
}: Pick<RotatedWebhookSecret, "previousSecretsSignUntil">): string {
  if (previousSecretsSignUntil === null) return "The old secret signs nothing any more.";
  return `The old secret signs, too, until ${formatExactTime(previousSecretsSignUntil)}.`;
}
