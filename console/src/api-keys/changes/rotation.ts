import type { ApiKey } from "../../api/schema";
import { durationWords } from "../../format/durations";
import { formatExactTime } from "../../format/times";

const DAY_SECONDS = 86_400;

/** A key that was used within a day isn't revoked by a slip. */
export function isInUse({ lastUsedAt }: Pick<ApiKey, "lastUsedAt">, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - new Date(lastUsedAt).getTime() < DAY_SECONDS * 1000;
}

const CHOICES = [0, 300, 3600, DAY_SECONDS, 7 * DAY_SECONDS];

/** The graces to choose from, the deployment's own among them. */
export function graces(ofDeployment: number): { value: string; label: string }[] {
  const seconds = [...new Set([...CHOICES, ofDeployment])].sort((one, other) => one - other);
  return seconds.map((each) => ({
    value: String(each),
    label:
      (each === 0 ? "None: end the old one at once" : durationWords(each)) +
      (each === ofDeployment ? " (default)" : ""),
  }));
}

/** What will become of both secrets, with the time at which the old one ends. */
export function rotationWords(key: Pick<ApiKey, "expiresAt">, graceSeconds: number, now: Date): string {
  if (graceSeconds === 0) return "The new secret works at once; the old one is refused from the same moment.";
  const end = new Date(now.getTime() + graceSeconds * 1000);
  if (key.expiresAt && new Date(key.expiresAt) <= end) {
    return `The new secret works at once; both end when the key itself expires, ${formatExactTime(key.expiresAt)}.`;
  }
  return `The new secret works at once; the old one works until ${formatExactTime(end)} and is refused after that.`;
}

/** What has become of the old secret. */
export function rotatedWords(previousKeyExpiresAt: string | null): string {
  if (previousKeyExpiresAt === null) return "The old secret is refused already.";
  return `The old secret works until ${formatExactTime(previousKeyExpiresAt)} and is refused after that.`;
}
