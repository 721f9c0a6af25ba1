import { ApiError, fieldErrors } from "../../api/problem";
import { hasNull } from "../../forms/mergePatch";
import { dayOf } from "./expiry";
import type { KeyValues } from "./values";

/** What must be right before the API is asked; the rest of the rules are its own. */
export function validated(values: KeyValues, now: Date): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!values.name.trim()) errors.name = "Give it a name.";
  if (values.access === "profile" && !values.profileId) errors.profileId = "Choose a profile.";
  if (values.expiry === "date" && !(values.lastDay >= dayOf(now))) errors.lastDay = "Choose today or a later day.";
  if (values.limitsRate && !values.rate.limit) errors["rate.limit"] = "Say how many.";
  if (values.limitsCredits && values.credits.remaining === "") errors["credits.remaining"] = "Say how many.";
  if (values.limitsCredits && values.credits.interval && !values.credits.amount) {
    errors["credits.amount"] = "Say how many.";
  }
  if (values.limitsAddresses && !values.addresses.trim()) errors.addresses = "Name one address at least.";
  const metadata = metadataProblem(values.metadata);
  if (metadata) errors.metadata = metadata;
  return errors;
}

function metadataProblem(text: string): string | null {
  if (!text.trim()) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "This isn't JSON.";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return 'An object is needed: {"team": "web"}.';
  return hasNull(value) ? "A value can't be null: leave it out instead." : null;
}

const FIELDS = {
  expiresAt: "expiry",
  rateLimit: "rate",
  "credits.refill": "credits",
  ipAllowList: "addresses",
} as const;

/** Field of the form → what the API has found wrong with it. */
export function refusedFields(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!(error instanceof ApiError)) return errors;
  for (const [pointer, detail] of Object.entries(fieldErrors(error))) {
    const known = Object.entries(FIELDS).find(([path]) => pointer === path || pointer.startsWith(`${path}.`));
    const name = known ? known[1] + pointer.slice(known[0].length) : pointer;
    errors[name.replace(/^(addresses|scopes|metadata)\..*/, "$1")] ??= detail;
  }
  return errors;
}
