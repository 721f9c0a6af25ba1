import createClient, { type Client } from "openapi-fetch";
import { ApiError, apiError, unreachable } from "./problem";
import type { paths } from "./schema";

export type Api = Client<paths>;

export interface ApiOptions {
  apiUrl: string;
  token: string;
  /** The account to act for; null for one's own. */
  accountId: string | null;
  /** The token is not taken any more. */
  onExpired: () => void;
  fetch?: (request: Request) => Promise<Response>;
}

/** The API as `openapi.json` has it, called by one user for one account. */
export function createApi({ apiUrl, token, accountId, onExpired, fetch }: ApiOptions): Api {
  const client = createClient<paths>({ baseUrl: apiUrl, ...(fetch ? { fetch } : {}) });
  client.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
      if (accountId !== null) request.headers.set("X-Account-Id", accountId);
    },
    onResponse({ response }) {
      if (response.status === 401) onExpired();
    },
    onError({ error }) {
      return error instanceof DOMException && error.name === "AbortError" ? undefined : unreachable();
    },
  });
  return client;
}

/** The body of a good answer; every other one is thrown as an `ApiError`. */
export async function answered<A extends { data?: unknown; error?: unknown; response: Response }>(
  asked: Promise<A>,
): Promise<Exclude<A["data"], undefined>> {
  const { data, error, response } = await asked;
  if (!response.ok) throw apiError(response, error);
  return data as Exclude<A["data"], undefined>;
}

const MOST_TRIES = 3;

/** Whether a question is asked again: only where nobody answered or our side failed. */
export function isWorthAnotherTry(failures: number, error: unknown): boolean {
  return failures < MOST_TRIES && error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** Up to twice as long each time, and never the same for two browsers. */
export function waitMilliseconds(failures: number): number {
  return Math.random() * 500 * 2 ** failures + 100;
}
