import type { ApiKey, CreateKeyBody, PatchKeyBody } from "../../api/schema";
import { mergePatch } from "../../forms/mergePatch";
import { endOfLastDay, lastDayOf } from "./expiry";

/** What stands in the form's fields; "" is an empty number field. */
export interface KeyValues {
  name: string;
  description: string;
  access: "scopes" | "profile";
  scopes: string[];
  profileId: string;
  /** Days, `date`, `never`, or `keep` for what the key has. */
  expiry: string;
  /** The last day, `2026-03-04`, where `expiry` is `date`. */
  lastDay: string;
  limitsRate: boolean;
  rate: { limit: number | ""; windowSeconds: string; burst: number | "" };
  limitsCredits: boolean;
  credits: { remaining: number | ""; interval: "" | "daily" | "monthly"; amount: number | "" };
  limitsAddresses: boolean;
  /** One in a line. */
  addresses: string;
  /** JSON, empty for none. */
  metadata: string;
  /** The user's id; empty for the creator. */
  ownerUserId: string;
  followsOwner: boolean;
}

export const NEW_KEY: KeyValues = {
  name: "",
  description: "",
  access: "scopes",
  scopes: [],
  profileId: "",
  expiry: "90",
  lastDay: "",
  limitsRate: false,
  rate: { limit: 100, windowSeconds: "60", burst: "" },
  limitsCredits: false,
  credits: { remaining: 1000, interval: "", amount: 1000 },
  limitsAddresses: false,
  addresses: "",
  metadata: "",
  ownerUserId: "",
  followsOwner: false,
};

/** A key as the form shows it. */
export function valuesOf(key: ApiKey): KeyValues {
  const { rateLimit, credits } = key;
  return {
    name: key.name,
    description: key.description ?? "",
    access: key.profileId ? "profile" : "scopes",
    scopes: key.scopes,
    profileId: key.profileId ?? "",
    expiry: key.expiresAt ? "keep" : "never",
    lastDay: key.expiresAt ? lastDayOf(key.expiresAt) : "",
    limitsRate: rateLimit !== null,
    rate: rateLimit
      ? {
          limit: rateLimit.limit,
          windowSeconds: String(rateLimit.windowSeconds),
          burst: rateLimit.burst === rateLimit.limit ? "" : rateLimit.burst,
        }
      : NEW_KEY.rate,
    limitsCredits: credits !== null,
    credits: credits
      ? {
          remaining: credits.remaining,
          interval: credits.refill?.interval ?? "",
          amount: credits.refill?.amount ?? NEW_KEY.credits.amount,
        }
      : NEW_KEY.credits,
    limitsAddresses: key.ipAllowList.length > 0,
    addresses: key.ipAllowList.join("\n"),
    metadata: Object.keys(key.metadata).length > 0 ? JSON.stringify(key.metadata, null, 2) : "",
    ownerUserId: key.ownerUserId === key.userId ? "" : key.ownerUserId,
    followsOwner: key.followsOwner,
  };
}

/** The key that the fields ask for. */
export function bodyOf(values: KeyValues, now: Date): CreateKeyBody {
  return {
    name: values.name.trim(),
    description: values.description.trim() || null,
    scopes: values.scopes,
    profileId: profileOf(values),
    expiresAt: expiryOf(values, now),
    rateLimit: rateOf(values),
    credits: creditsOf(values),
    ipAllowList: addressesOf(values),
    metadata: metadataOf(values),
    ownerUserId: values.ownerUserId.trim() || null,
    followsOwner: values.followsOwner,
  };
}

/**
 * What was changed and nothing else, as a merge patch: what others change meanwhile stays, and credits that are spent
 * meanwhile stay spent.
 */
export function patchOf(before: KeyValues, after: KeyValues, now: Date): PatchKeyBody {
  const patch: PatchKeyBody = {};
  const changed = (...names: (keyof KeyValues)[]) =>
    names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (changed("name")) patch.name = after.name.trim();
  if (changed("description")) patch.description = after.description.trim() || null;
  if (changed("scopes")) patch.scopes = after.scopes;
  if (profileOf(before) !== profileOf(after)) patch.profileId = profileOf(after);
  if (after.expiry !== "keep" && changed("expiry", "lastDay")) patch.expiresAt = expiryOf(after, now);
  if (changed("limitsRate") || (after.limitsRate && changed("rate"))) patch.rateLimit = rateOf(after);
  if (changed("limitsCredits")) patch.credits = creditsOf(after);
  else if (after.limitsCredits && changed("credits")) patch.credits = mergePatch(creditsOf(before), creditsOf(after));
  if (changed("limitsAddresses") || (after.limitsAddresses && changed("addresses"))) {
    patch.ipAllowList = addressesOf(after);
  }
  if (changed("ownerUserId")) patch.ownerUserId = after.ownerUserId.trim() || null;
  if (changed("followsOwner")) patch.followsOwner = after.followsOwner;
  if (changed("metadata")) patch.metadata = mergePatch(metadataOf(before), metadataOf(after));
  return patch;
}

function profileOf({ access, profileId }: KeyValues): string | null {
  return access === "profile" && profileId ? profileId : null;
}

const DAY_MILLISECONDS = 86_400_000;

/** When a key that is made or changed `now` expires; null for never, and for what is kept. */
export function expiryOf({ expiry, lastDay }: Pick<KeyValues, "expiry" | "lastDay">, now: Date): string | null {
  if (expiry === "date") return endOfLastDay(lastDay).toISOString();
  const days = Number(expiry);
  return Number.isNaN(days) ? null : new Date(now.getTime() + days * DAY_MILLISECONDS).toISOString();
}

function rateOf({ limitsRate, rate }: KeyValues): NonNullable<CreateKeyBody["rateLimit"]> | null {
  if (!limitsRate) return null;
  return { limit: Number(rate.limit), windowSeconds: Number(rate.windowSeconds), burst: rate.burst || null };
}

function creditsOf({ limitsCredits, credits }: KeyValues): NonNullable<CreateKeyBody["credits"]> | null {
  if (!limitsCredits) return null;
  const { interval, amount, remaining } = credits;
  return { remaining: Number(remaining), refill: interval ? { interval, amount: Number(amount) } : null };
}

function addressesOf({ limitsAddresses, addresses }: KeyValues): string[] {
  if (!limitsAddresses) return [];
  return addresses.split(/[\s,]+/).filter(Boolean);
}

function metadataOf({ metadata }: KeyValues): Record<string, unknown> {
  return metadata.trim() ? JSON.parse(metadata) : {};
}
