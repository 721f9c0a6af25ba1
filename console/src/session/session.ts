import type { Portal } from "./portal";

/** The signed-in user, as far as the token says. The API checks the token and knows the rights (`GET /me`). */
export interface Session {
  token: string;
  /** Null if the token doesn't say it. The API's 401 ends such a session. */
  expiresAt: Date | null;
  /** Empty if the console can't read it. */
  userId: string;
  email: string | null;
  /** The role in the claims, before any stored membership. Empty if the console can't read it. */
  role: string;
  /** The user's own account. Empty if the console can't read it. */
  accountId: string;
  /** The accounts of an advisor's clients, as far as the claims list them. */
  clientAccountIds: string[];
  /** Names of accounts by their ids, from `app_metadata.account_names`. */
  accountNames: Record<string, string>;
  /** Null for a session that does not come from a portal link. */
  portal: Portal | null;
}

const TOKEN = /^[\x21-\x7e]+$/; // what an `Authorization` header can carry

/**
 * The session of a token; null for a text that cannot be a token. Claims are read in Supabase's format. Tokens of other
 * identity providers are sessions too.
 */
export function readSession(token: string): Session | null {
  if (!TOKEN.test(token)) return null;
  const claims = readClaims(token);
  const metadata = isRecord(claims.app_metadata) ? claims.app_metadata : {};
  const names = isRecord(metadata.account_names) ? metadata.account_names : {};
  const role = text(metadata.role);
  const clients = role === "advisor" && Array.isArray(metadata.client_account_ids) ? metadata.client_account_ids : [];
  return {
    token,
    expiresAt: typeof claims.exp === "number" ? new Date(claims.exp * 1000) : null,
    userId: text(claims.sub),
    email: text(claims.email) || null,
    role,
    accountId: text(metadata.account_id),
    clientAccountIds: clients.map(text).filter(Boolean),
    accountNames: Object.fromEntries(Object.entries(names).map(([id, name]) => [id, text(name)])),
    portal: null,
  };
}

function readClaims(token: string): Record<string, unknown> {
  const payload = token.split(".")[1];
  if (!payload) return {};
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
      each.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch {
    return {}; // not a JWT
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
