/**
 * The names under which answers are kept. `invalidateQueries({ queryKey: queryKeys.apiKeys })` makes everything below
 * stale. The account is no part of them: each has a cache of its own.
 */
export const queryKeys = {
  apiKeys: ["api-keys"],
  /** In the session's own cache, which is the same for all accounts. */
  me: ["me"],
  members: ["members"],
  profiles: ["permission-profiles"],
  scopes: ["scopes"],
  webhooks: ["webhooks"],
  eventTypes: ["event-types"],
  usage: ["usage"],
  apps: ["oauth-clients"],
  grants: ["oauth-grants"],
  auditEvents: ["audit-events"],
} as const satisfies Record<string, readonly string[]>;
