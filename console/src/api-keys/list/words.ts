import type { ApiKey } from "../../api/schema";
import type { Tone } from "../../ui/StatusBadge";

const WORDS = { active: "Active", disabled: "Disabled", expired: "Expired", revoked: "Revoked" } as const;
const TONES: Record<ApiKey["status"], Tone> = { active: "good", disabled: "waiting", expired: "off", revoked: "off" };

export function statusWord(status: ApiKey["status"]): string {
  return WORDS[status];
}

export function statusTone(status: ApiKey["status"]): Tone {
  return TONES[status];
}

/** What a key may do, in a few words. */
export function accessWords(key: Pick<ApiKey, "scopes" | "profileId">, profileName: string | undefined): string {
  const profile = key.profileId ? [profileName ?? "A profile"] : [];
  const scopes = key.scopes.includes("*") ? ["Everything"] : key.scopes;
  return [...profile, ...scopes].join(", ") || "Nothing";
}

/** Whether the owner is not the user who created the key. */
export function isOwnedByOther({ userId, ownerUserId }: Pick<ApiKey, "userId" | "ownerUserId">): boolean {
  return ownerUserId !== userId;
}

const SOON_DAYS = 7; // when `api_key.expiring` comes

/** Whether a key that works will stop soon. */
export function expiresSoon({ status, expiresAt }: Pick<ApiKey, "status" | "expiresAt">, now: Date): boolean {
  if (status !== "active" || !expiresAt) return false;
  return new Date(expiresAt).getTime() - now.getTime() < SOON_DAYS * 86_400_000;
}
