import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { Router } from "wouter";
import { ApiProvider } from "./api/ApiContext";
import type { Me, Scope } from "./api/schema";
import { SettingsProvider } from "./app/SettingsContext";
import type { Settings } from "./app/settings";
import { SessionProvider } from "./session/SessionContext";
import { readSession, type Session } from "./session/session";
import { createSessions, type Sessions } from "./session/sessions";

/** The scope catalogue that `api` gives. */
const SCOPES = [
  ["orders:read", "Read order data", "Orders"],
  ["orders:write", "Create and update orders", "Orders"],
  ["webhooks:read", "List webhooks", "Webhooks"],
] as const;

export const settings: Settings = {
  supabase: null,
  signInAsUrl: null,
  frameAncestors: [],
  keyPrefix: "lh_live_",
  signatureHeaderPrefix: "X-Latchhook",
  rotationGraceSeconds: 300,
  retryScheduleSeconds: [5, 300, 1800],
};

/** A session token that nobody signed; it ends in an hour unless `claims` say otherwise. */
export function sessionToken(metadata: Record<string, unknown> = {}, claims: Record<string, unknown> = {}): string {
  const payload = {
    sub: "user-1",
    email: "ada@example.com",
    exp: Math.floor(Date.now() / 1000) + 3600,
    app_metadata: { account_id: "acme", role: "business_admin", ...metadata },
    ...claims,
  };
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(payload))));
  return `e30.${encoded.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}.x`;
}

export interface Rendered extends RenderResult {
  /** What the API was asked, in order. */
  requests: Request[];
  sessions: Sessions;
}

/**
 * A part of the console with all that is around it. `answer` is the API: a value is the body of a 200, a `Response` any
 * other. `path` is the address below the console.
 */
export function renderInConsole(
  content: ReactNode,
  options: {
    answer?: (request: Request) => unknown;
    path?: string;
    token?: string;
    /** The answer to `GET /me`. The default is an admin's. These requests are not recorded. */
    me?: (request: Request) => unknown;
  } = {},
): Rendered {
  const { answer = () => ({ data: [], nextCursor: null }), path = "/", token = sessionToken(), me = aMe } = options;
  const requests: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const isMe = new URL(request.url).pathname === "/me";
    if (!isMe) requests.push(request);
    const answered = await (isMe ? me(request) : answer(request));
    return answered instanceof Response ? answered : Response.json(answered);
  });
  window.history.replaceState(null, "", path);
  const sessions = createSessions(window.sessionStorage);
  sessions.begin(token);
  const rendered = render(
    <MantineProvider env="test">
      <Notifications />
      <Router>
        <SettingsProvider value={settings}>
          <SessionProvider session={readSession(token) as Session} sessions={sessions}>
            <ApiProvider>{content}</ApiProvider>
          </SessionProvider>
        </SettingsProvider>
      </Router>
    </MantineProvider>,
  );
  return { ...rendered, requests, sessions };
}

/** The caller of a request: an admin of the account, or of what `fields` say. */
export function aMe(request: Request, fields: Partial<Me> = {}): Me {
  return {
    kind: "user",
    id: "user-1",
    userId: "user-1",
    name: "Ada Lovelace",
    email: null,
    accountId: request.headers.get("X-Account-Id") ?? "acme",
    clientAccountIds: [],
    role: "admin",
    profileId: null,
    scopes: ["*", "account-members:read", "account-members:write"],
    isOperator: false,
    ...fields,
  };
}

function aCatalogue(): Scope[] {
  return SCOPES.map(([name, description, group]) => ({
    name,
    description,
    group,
    source: "parameter",
    createdAt: null,
    updatedAt: null,
  }));
}

/** A refusal as the API writes it. */
export function problem(status: number, code: string, detail: string, more: Record<string, unknown> = {}): Response {
  const body = {
    type: `urn:latchhook:problem:${code}`,
    title: code,
    status,
    code,
    detail,
    requestId: "req-1",
    ...more,
  };
  return Response.json(body, { status, headers: { "Content-Type": "application/problem+json" } });
}

/**
 * An API of which some routes are given: "GET /webhooks/w-1" or, for every id, "GET /webhooks/*". A later route comes
 * first. The scope catalogue has three scopes, other lists are empty, and all else fails.
 */
export function api(routes: Record<string, unknown>): (request: Request) => unknown {
  return async (request) => {
    const asked = `${request.method} ${new URL(request.url).pathname}`;
    const route = Object.keys(routes).findLast((each) => isOf(each, asked));
    if (route === undefined) {
      if (asked === "GET /scopes") return { data: aCatalogue(), nextCursor: null };
      if (request.method === "GET") return { data: [], nextCursor: null };
      return problem(500, "internal_error", `No answer to ${asked} is given.`);
    }
    const answer = routes[route];
    return typeof answer === "function" ? answer(request) : answer instanceof Response ? answer.clone() : answer;
  };
}

/** An answer that comes when `give` is called. */
export function later(): { answer: () => Promise<unknown>; give: (answer: unknown) => void } {
  let give = (_: unknown) => {};
  const promise = new Promise<unknown>((resolve) => {
    give = resolve;
  });
  return { answer: () => promise, give };
}

function isOf(route: string, asked: string): boolean {
  const [parts, all] = [asked.split("/"), route.split("/")];
  return parts.length === all.length && all.every((part, at) => part === "*" || part === parts[at]);
}

/** The requests with a method other than GET, as "POST /api-keys", and their bodies. */
export async function changes(requests: readonly Request[]): Promise<[string, unknown][]> {
  return Promise.all(
    requests
      .filter(({ method }) => method !== "GET")
      .map(async (request) => {
        const text = await request.clone().text();
        return [`${request.method} ${new URL(request.url).pathname}`, text ? JSON.parse(text) : null] as [
          string,
          unknown,
        ];
      }),
  );
}
