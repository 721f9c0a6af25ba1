/** Who is signed in, as the session token says it; the API checks the token, the console only reads it. */
export interface Session {
  token: string;
  userId: string;
  email: string | null;
  role: string;
  /** The user's own account; empty if the token names none. */
  accountId: string;
  /** The own account and, for advisors, their clients'. */
  accounts: Account[];
  expiresAt: Date;
}

export interface Account {
  id: string;
  /** `app_metadata.account_names` may say it, or else it is the id. */
  name: string;
}

/** The session of a token; null for a text that is none. */
export function readSession(token: string): Session | null {
  const claims = readClaims(token);
  if (!claims || typeof claims.sub !== "string" || typeof claims.exp !== "number") return null;
  const metadata = isRecord(claims.app_metadata) ? claims.app_metadata : {};
  const names = isRecord(metadata.account_names) ? metadata.account_names : {};
  const accountId = text(metadata.account_id);
  const role = text(metadata.role);
  const clients = role === "advisor" && Array.isArray(metadata.client_account_ids) ? metadata.client_account_ids : [];
  const ids = [...new Set([accountId, ...clients.map(text)])].filter(Boolean);
  return {
    token,
    userId: claims.sub,
    email: text(claims.email) || null,
    role,
    accountId,
    accounts: ids.map((id) => ({ id, name: text(names[id]) || id })),
    expiresAt: new Date(claims.exp * 1000),
  };
}

function readClaims(token: string): Record<string, unknown> | null {
  const payload = token.split(".")[1];
  if (!payload || token.split(".").length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
      each.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
