import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import type { Session } from "./session";
import type { SessionState, Sessions } from "./sessions";

const Context = createContext<{ session: Session; sessions: Sessions } | null>(null);

/** Who is signed in; only below a `SessionProvider`. */
export function useSession(): { session: Session; sessions: Sessions } {
  const value = useContext(Context);
  if (!value) throw new Error("useSession needs a SessionProvider.");
  return value;
}

export function useSessionState(sessions: Sessions): SessionState {
  return useSyncExternalStore(sessions.subscribe, sessions.current);
}

const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** Ends the session when its time has come, also while nothing is asked of the API. */
export function SessionProvider(props: { session: Session; sessions: Sessions; children: ReactNode }) {
  const { session, sessions } = props;
  useEffect(() => {
    if (!session.expiresAt) return;
    const left = session.expiresAt.getTime() - Date.now();
    if (left > LONGEST_TIMER_MILLISECONDS) return;
    const timer = setTimeout(() => sessions.expire(currentAddress()), left);
    return () => clearTimeout(timer);
  }, [session, sessions]);
  return <Context value={{ session, sessions }}>{props.children}</Context>;
}

/** Path and query of what is shown. */
export function currentAddress(): string {
  return window.location.pathname + window.location.search;
}
