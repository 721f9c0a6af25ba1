import type { Me } from "../api/schema";
import type { Session } from "./session";

export interface Account {
  id: string;
  /** The id if the session has no name for it. */
  name: string;
}

/** The accounts that the user can work on, the own account first. `me` has priority over the claims. */
export function accountsOf(session: Session, me: Me | undefined): Account[] {
  const own = me?.accountId ?? session.accountId;
  const ids = new Set([own, ...(me?.clientAccountIds ?? session.clientAccountIds)]);
  return [...ids].filter(Boolean).map((id) => ({ id, name: session.accountNames[id] || id }));
}
