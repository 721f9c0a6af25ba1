/** The Supabase project that people sign in at. */
export interface Supabase {
  url: string;
  /** The public key. */
  key: string;
}

/** The session token for an e-mail address and its password; an Error in words for people. */
export async function signInWithPassword(supabase: Supabase, email: string, password: string): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(`${supabase.url}/auth/v1/token?grant_type=password`, {
      method: "POST",
      headers: { apikey: supabase.key, "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
      credentials: "omit",
    });
  } catch {
    throw new Error("The sign-in service doesn't answer. Check your connection and try again.");
  }
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok && hasToken(body)) return body.access_token;
  if (answer.status === 429) throw new Error("Too many attempts. Wait a minute and try again.");
  if (answer.status >= 500) throw new Error("The sign-in service has a problem. Try again in a moment.");
  throw new Error("E-mail address or password is not right.");
}

function hasToken(body: unknown): body is { access_token: string } {
  return typeof body === "object" && body !== null && "access_token" in body && typeof body.access_token === "string";
}
