import { apiError, unreachable } from "../api/problem";
import { here } from "../app/place";
import type { Session } from "./session";

/** What a session of the portal shows: a customer of the product opened the console from the product. */
export interface Portal {
  sessionId: string;
  /** Names of tabs; null for all tabs. */
  tabs: readonly string[] | null;
  /** The page of the product to return to. */
  returnUrl: string | null;
}

/** The answer to `POST /portal-sessions/exchange`. */
export interface Exchanged extends Portal {
  token: string;
  accountId: string;
  userId: string;
  expiresAt: string;
}

/** Exchanges the code of a link for a session. A code works once. Throws an `ApiError`. */
export async function exchangeCode(code: string): Promise<Exchanged> {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) };
  const response = await fetch(`${here.apiUrl}/portal-sessions/exchange`, request).catch(() => {
    throw unreachable();
  });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw apiError(response, body);
  return body;
}

/** The session of an exchanged code. Its token has no claims. */
export function portalSession(answer: Exchanged): Session {
  const { token, accountId, userId, expiresAt, sessionId, tabs, returnUrl } = answer;
  return {
    token,
    expiresAt: new Date(expiresAt),
    userId,
    email: null,
    role: "",
    accountId,
    clientAccountIds: [],
    accountNames: {},
    portal: { sessionId, tabs, returnUrl: isWebPage(returnUrl) ? returnUrl : null },
  };
}

/** Where a return link leads, for people: the host. */
export function hostOf(returnUrl: string): string {
  return new URL(returnUrl).host;
}

function isWebPage(url: string | null): boolean {
  return url !== null && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
