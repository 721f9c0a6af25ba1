import type { AuditEvent } from "../api/schema";

/** What a person or a key did to a thing ("rotated"), or what happened to it by itself ("has expired"). */
interface Words {
  did?: string;
  happened?: string;
}

interface Thing {
  /** `api_key` of `api_key.created`. */
  name: string;
  noun: string;
  /** With its article. */
  one: string;
  all: string;
  actions: Record<string, Words>;
}

export const THINGS: readonly Thing[] = [
  {
    name: "api_key",
    noun: "API key",
    one: "an API key",
    all: "API keys",
    actions: {
      created: { did: "created" },
      updated: { did: "changed" },
      rotated: { did: "rotated" },
      revoked: { did: "revoked" },
      exposed: { did: "found leaked" },
      expiring: { happened: "expires soon" },
      expired: { happened: "expired" },
      limit_reached: { happened: "reached its limit" },
    },
  },
  {
    name: "webhook",
    noun: "webhook",
    one: "a webhook",
    all: "webhooks",
    actions: {
      created: { did: "created" },
      updated: { did: "changed" },
      paused: { did: "paused" },
      resumed: { did: "resumed" },
      deleted: { did: "deleted" },
      secret_read: { did: "read the secret of" },
      secret_rotated: { did: "rotated the secret of" },
      recovery_started: { did: "started a recovery for" },
      recovery_cancelled: { did: "cancelled a recovery for" },
      recovery_finished: { did: "finished a recovery for" },
      failing: { happened: "is failing" },
      disabled: { happened: "was disabled" },
    },
  },
  {
    name: "permission_profile",
    noun: "permission profile",
    one: "a permission profile",
    all: "permission profiles",
    actions: { created: { did: "created" }, updated: { did: "changed" }, deleted: { did: "deleted" } },
  },
  {
    name: "member",
    noun: "member",
    one: "a member",
    all: "members",
    actions: { created: { did: "added" }, updated: { did: "changed" }, removed: { did: "removed" } },
  },
  {
    name: "portal_session",
    noun: "portal session",
    one: "a portal session",
    all: "portal sessions",
    actions: { created: { did: "created" }, deleted: { did: "ended" } },
  },
  {
    name: "oauth_client",
    noun: "app",
    one: "an app",
    all: "apps",
    actions: {
      created: { did: "registered" },
      updated: { did: "changed" },
      deleted: { did: "deleted" },
      secret_rotated: { did: "rotated the secret of" },
    },
  },
  {
    name: "oauth_grant",
    noun: "connection of an app",
    one: "the connection of an app",
    all: "connections of apps",
    actions: { created: { did: "allowed" }, revoked: { did: "ended" } },
  },
  {
    name: "leaked_key_policy",
    noun: "policy for leaked keys",
    one: "the policy for leaked keys",
    all: "the policy for leaked keys",
    actions: { updated: { did: "changed" } },
  },
  {
    name: "billing_day",
    noun: "billing day",
    one: "the billing day",
    all: "the billing day",
    actions: { updated: { did: "changed" } },
  },
  {
    name: "scope",
    noun: "scope",
    one: "a scope",
    all: "scopes",
    actions: { created: { did: "added" }, updated: { did: "changed" }, deleted: { did: "deleted" } },
  },
  {
    name: "event_type",
    noun: "event type",
    one: "an event type",
    all: "event types",
    actions: { created: { did: "created" }, updated: { did: "changed" }, deleted: { did: "deleted" } },
  },
];

export const REFUSED = "request.refused";

/** What was done to what; null for an action that this console doesn't know. */
export function wordsOf(action: string): (Words & { thing: Thing }) | null {
  const [name, verb = ""] = action.split(".", 2);
  const thing = THINGS.find((each) => each.name === name);
  const words = thing && Object.hasOwn(thing.actions, verb) ? thing.actions[verb] : undefined;
  return thing && words ? { ...words, thing } : null;
}

/** An action as a choice: "Rotated an API key", "An API key expired". */
export function actionLabel(action: string): string {
  if (action === REFUSED) return "Refused requests";
  const words = wordsOf(action);
  if (!words) return action;
  const { did, happened, thing } = words;
  const text = did ? `${did} ${thing.one}` : `${thing.one} ${happened}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const SYSTEM: Record<string, string> = {
  expiry: "The expiry of keys",
  limits: "The limits of keys",
  deliveries: "The delivery of events",
  recoveries: "The recovery of deliveries",
  "secrets-manager": "AWS Secrets Manager",
  github: "GitHub’s secret scanning",
  oauth: "The protection of tokens",
};

type Actor = Pick<AuditEvent["actor"], "kind" | "id"> & Partial<AuditEvent["actor"]>;

/** Who did it, as the beginning of a sentence. A key's name is null where it isn't known. */
export function actorWords(actor: Actor, userId: string, keyName: string | null): string {
  if (actor.isOperator) return actor.actingUserId ? `The platform for ${shortId(actor.actingUserId)}` : "The platform";
  if (actor.kind === "user") return actor.id === userId ? "You" : `User ${shortId(actor.id)}`;
  if (actor.kind === "oauth_token") return `App with the connection ${shortId(actor.id)}`;
  if (actor.kind === "api_key") return `Key ${keyName ?? shortId(actor.id)}`;
  if (actor.kind === "service") return "The platform";
  return SYSTEM[actor.id] ?? actor.id;
}

/** An id to be recognised by; a short one is whole. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

/** `insufficient_scope` as "insufficient scope". */
export function codeWords(code: unknown): string {
  return typeof code === "string" ? code.replaceAll("_", " ") : "";
}
