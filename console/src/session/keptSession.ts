import { type Exchanged, portalSession } from "./portal";
import { readSession, type Session } from "./session";
import type { TabStorage } from "./tabStorage";

const TOKEN = "latchhook.token";
const PORTAL = "latchhook.portal";

/** The session that the tab has stored; null for none. */
export function storedSession(storage: TabStorage): Session | null {
  const token = storage.getItem(TOKEN);
  if (!token) return null;
  const portal = storage.getItem(PORTAL);
  return portal ? portalSession({ ...(JSON.parse(portal) as Exchanged), token }) : readSession(token);
}

/** Stores a session for reloads of its tab. A portal session's token does not say what it is for. */
export function storeSession(storage: TabStorage, session: Session): void {
  const { token, portal, accountId, userId, expiresAt } = session;
  storage.setItem(TOKEN, token);
  if (portal) storage.setItem(PORTAL, JSON.stringify({ ...portal, accountId, userId, expiresAt }));
  else storage.removeItem(PORTAL);
}

export function removeSession(storage: TabStorage): void {
  storage.removeItem(TOKEN);
  storage.removeItem(PORTAL);
}
