import { expect, test, vi } from "vitest";
import { tellParent } from "./parentFrame";

const MESSAGE = { type: "latchhook:height", height: 640 } as const;

/** The origins that a message is sent to, by a page in a frame. */
function told(allowed: string[], frame: { ancestor?: string; referrer?: string }): string[] {
  const postMessage = vi.fn();
  const location = { origin: "https://api.example", ...(frame.ancestor ? { ancestorOrigins: [frame.ancestor] } : {}) };
  const window = {
    parent: { postMessage },
    postMessage: vi.fn(),
    location,
    document: { referrer: frame.referrer ?? "" },
  };
  tellParent(window as unknown as Parameters<typeof tellParent>[0], allowed, MESSAGE);
  for (const [message] of postMessage.mock.calls) expect(message).toEqual(MESSAGE);
  return postMessage.mock.calls.map(([, origin]) => origin);
}

test.each<[string, string[], { ancestor?: string; referrer?: string }, string[]]>([
  ["an allowed origin", ["https://app.example"], { ancestor: "https://app.example" }, ["https://app.example"]],
  ["another origin", ["https://app.example"], { ancestor: "https://evil.example" }, []],
  ["a longer origin", ["https://app.example"], { ancestor: "https://app.example.evil.example" }, []],
  ["no allowed origin", ["'none'"], { ancestor: "https://app.example" }, []],
  ["a subdomain", ["https://*.app.example"], { ancestor: "https://eu.app.example" }, ["https://eu.app.example"]],
  ["no subdomain", ["https://*.app.example"], { ancestor: "https://app.example" }, []],
  ["any port", ["http://localhost:*"], { ancestor: "http://localhost:3000" }, ["http://localhost:3000"]],
  ["the own origin", ["'self'"], { ancestor: "https://api.example" }, ["https://api.example"]],
  ["the referrer", ["https://app.example"], { referrer: "https://app.example/settings" }, ["https://app.example"]],
  ["a hidden origin", ["https://app.example", "https://*.example", "'none'"], {}, ["https://app.example"]],
])("a message reaches %s", (_, allowed, frame, expected) => {
  expect(told(allowed, frame)).toEqual(expected);
});

test("a page that is in no frame sends nothing", () => {
  const postMessage = vi.spyOn(window, "postMessage");
  tellParent(window as unknown as Parameters<typeof tellParent>[0], ["http://localhost:3000"], MESSAGE);
  expect(postMessage).not.toHaveBeenCalled();
});
