import type { Supabase } from "../session/supabase";

/** What the page must know of its deployment: `config.json` beside it. */
export interface Settings {
  supabase: Supabase | null;
  /** Where ready-made sessions are, relative to the API; on the local stack only. */
  signInAsUrl: string | null;
  /** The origins whose pages may show the console in a frame. */
  frameAncestors: string[];
  /** What every API key begins with. */
  keyPrefix: string;
  /** Gives `<prefix>-Signature`, `<prefix>-Event` and `<prefix>-Webhook-Id`. */
  signatureHeaderPrefix: string;
  /** The grace that a rotation has when it names none. */
  rotationGraceSeconds: number;
  /** The waits between attempts of webhooks that have none of their own. */
  retryScheduleSeconds: number[];
}

export async function fetchSettings(): Promise<Settings> {
  const answer = await fetch(new URL("config.json", document.baseURI));
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return { frameAncestors: [], ...(await answer.json()) };
}
