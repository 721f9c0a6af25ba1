import type { Place } from "../app/place";
import type { Sessions } from "./sessions";

/**
 * Begins the session that the URL's fragment hands over (`#access_token=…`, as Supabase does), and takes it out of the
 * address and the history at once.
 */
export function takeSessionFromAddress(
  window: Pick<Window, "location" | "history">,
  sessions: Sessions,
  place: Place,
): void {
  const { hash, pathname, search } = window.location;
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  const token = fragment.get("access_token");
  const code = fragment.get("portal_code");
  const failed = fragment.get("error_description") ?? fragment.get("error");
  if (token === null && failed === null && code === null) return;
  window.history.replaceState(null, "", pathname + search);
  if (code !== null) {
    void sessions.open(code);
    return;
  }
  if (token === null) {
    sessions.fail(`Signing in failed: ${failed}`);
    return;
  }
  if (!sessions.begin(token)) {
    sessions.fail("The session that you came with has ended. Sign in again.");
    return;
  }
  const address = sessions.takeReturnAddress();
  const atRoot = pathname.replace(/\/$/, "") === place.path && search === "";
  if (atRoot && address?.startsWith(`${place.path}/`)) window.history.replaceState(null, "", address);
}
