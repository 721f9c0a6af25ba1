import type { ApiKey } from "../api/schema";

let count = 0;

/** A key for tests: active, unlimited, never used. */
export function aKey(fields: Partial<ApiKey> = {}): ApiKey {
  count += 1;
  return {
    id: `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`,
    accountId: "acme",
    userId: "user-1",
    ownerUserId: "user-1",
    followsOwner: false,
    name: `Key ${count}`,
    description: null,
    prefix: "lh_live_4Xk9",
    keyPrefix: "lh_live_4Xk9",
    scopes: ["orders:read"],
    profileId: null,
    status: "active",
    createdAt: "2026-01-02T03:04:05Z",
    updatedAt: "2026-01-02T03:04:05Z",
    rotatedAt: null,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    requestCount: 0,
    metadata: {},
    rateLimit: null,
    credits: null,
    ipAllowList: [],
    ...fields,
  };
}
