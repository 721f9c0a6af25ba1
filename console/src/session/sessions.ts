import { removeSession, storedSession, storeSession } from "./keptSession";
import { type Exchanged, exchangeCode, type Portal, portalSession } from "./portal";
import { readSession, type Session } from "./session";
import type { TabStorage } from "./tabStorage";

/** The session of this browser tab. It lasts as long as the tab, and is never stored anywhere else. */
export interface Sessions {
  current(): SessionState;
  /** False if the token is impossible or has expired. */
  begin(token: string): boolean;
  /** Begins the portal session of a link's code. */
  open(code: string): Promise<void>;
  /** The address brought no valid session. An existing session stays. */
  fail(problem: string): void;
  /** The session is no longer valid. `address` is the page to return to after sign-in. */
  expire(address?: string): void;
  end(): void;
  /** Once: the address of an expired session. */
  takeReturnAddress(): string | null;
  subscribe(listener: () => void): () => void;
}

export interface SessionState {
  session: Session | null;
  /** Why there is no session. `ended`: the API refused a portal session before it expired. */
  ended: "expired" | "ended" | "signed-out" | null;
  /** The problem with the session that the address brought. */
  problem: string | null;
  /** The exchange of a portal link: in progress, or failed with an error. */
  opening: { error: unknown } | null;
  /** The portal session that has ended. */
  left: Portal | null;
}

const RETURN_ADDRESS = "latchhook.return-address";
const NONE: SessionState = { session: null, ended: null, problem: null, opening: null, left: null };

export function createSessions(
  storage: TabStorage,
  now: () => Date = () => new Date(),
  exchange: (code: string) => Promise<Exchanged> = exchangeCode,
): Sessions {
  const listeners = new Set<() => void>();
  const change = (next: Partial<SessionState>) => {
    state = { ...NONE, ...next };
    for (const listener of listeners) listener();
  };
  const isValid = ({ expiresAt }: Session) => !expiresAt || expiresAt > now();
  const begin = (session: Session) => {
    storeSession(storage, session);
    change({ session });
  };

  let state = restored();

  function restored(): SessionState {
    const session = storedSession(storage);
    if (!session) return NONE;
    if (isValid(session)) return { ...NONE, session };
    removeSession(storage);
    return { ...NONE, ended: "expired", left: session.portal };
  }

  return {
    current: () => state,
    begin(token) {
      const session = readSession(token);
      if (!session || !isValid(session)) return false;
      begin(session);
      return true;
    },
    async open(code) {
      const opening = { error: null };
      const before = state.session?.portal ?? state.left;
      change({ opening, left: before });
      try {
        const answer = await exchange(code);
        if (state.opening === opening) begin(portalSession(answer));
      } catch (error) {
        if (state.opening === opening) change({ opening: { error }, left: before });
      }
    },
    fail(problem) {
      if (!state.session) change({ ended: state.ended, problem });
    },
    expire(address) {
      removeSession(storage);
      const { session } = state;
      if (session?.portal) {
        change({ ended: isValid(session) ? "ended" : "expired", left: session.portal });
        return;
      }
      if (address) storage.setItem(RETURN_ADDRESS, address);
      change({ ended: "expired" });
    },
    end() {
      removeSession(storage);
      storage.removeItem(RETURN_ADDRESS);
      change({ ended: "signed-out" });
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
