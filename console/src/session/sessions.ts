import { readSession, type Session } from "./session";

/** The session of this browser tab; it lasts as long as the tab, and is never written anywhere else. */
export interface Sessions {
  current(): SessionState;
  /** False if the token can't be read or has expired. */
  begin(token: string): boolean;
  /** The address brought no session that holds; one that is there stays. */
  fail(problem: string): void;
  /** `address` is where to come back to after signing in elsewhere. */
  expire(address?: string): void;
  end(): void;
  /** Once: where an expired session was. */
  takeReturnAddress(): string | null;
  subscribe(listener: () => void): () => void;
}

export interface SessionState {
  session: Session | null;
  /** Why there is none. */
  ended: "expired" | "signed-out" | null;
  /** What went wrong with the session that the address brought, in words. */
  problem: string | null;
}

const TOKEN = "latchhook.token";
const RETURN_ADDRESS = "latchhook.return-address";

export function createSessions(storage: Storage, now: () => Date = () => new Date()): Sessions {
  const listeners = new Set<() => void>();
  let state: SessionState = { session: null, ended: null, problem: null };

  const change = (next: SessionState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const valid = (token: string): Session | null => {
    const session = readSession(token);
    return session && (!session.expiresAt || session.expiresAt > now()) ? session : null;
  };

  const kept = storage.getItem(TOKEN);
  if (kept) {
    const session = valid(kept);
    if (!session) storage.removeItem(TOKEN);
    state = { session, ended: session ? null : "expired", problem: null };
  }

  return {
    current: () => state,
    begin(token) {
      const session = valid(token);
      if (!session) return false;
      storage.setItem(TOKEN, token);
      change({ session, ended: null, problem: null });
      return true;
    },
    fail(problem) {
      if (!state.session) change({ ...state, problem });
    },
    expire(address) {
      storage.removeItem(TOKEN);
      if (address) storage.setItem(RETURN_ADDRESS, address);
      change({ session: null, ended: "expired", problem: null });
    },
    end() {
      storage.removeItem(TOKEN);
      storage.removeItem(RETURN_ADDRESS);
      change({ session: null, ended: "signed-out", problem: null });
    },
    takeReturnAddress() {
      const address = storage.getItem(RETURN_ADDRESS);
      storage.removeItem(RETURN_ADDRESS);
      return address;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
