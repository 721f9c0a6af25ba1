import type { Place } from "../app/place";
import type { Sessions } from "./sessions";

/**
 * Begins the session that the URL's fragment hands over (`#access_token=…`, as Supabase does), and takes it out of the
 * address and the history at once. What went wrong, in words, or null.
 */
export function takeSessionFromAddress(
  window: Pick<Window, "location" | "history">,
  sessions: Sessions,
  place: Place,
): string | null {
  const { hash, pathname, search } = window.location;
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  const token = fragment.get("access_token");
  const failed = fragment.get("error_description") ?? fragment.get("error");
  if (token === null && failed === null) return null;
  window.history.replaceState(null, "", pathname + search);
  if (token === null) return `Signing in failed: ${failed}`;
  if (!sessions.begin(token)) return "The session that you came with has ended. Sign in again.";
  const address = sessions.takeReturnAddress();
  const atRoot = pathname.replace(/\/$/, "") === place.path && search === "";
  if (atRoot && address?.startsWith(`${place.path}/`)) window.history.replaceState(null, "", address);
  return null;
}
