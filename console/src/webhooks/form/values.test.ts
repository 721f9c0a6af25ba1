import { expect, test } from "vitest";
import type { Webhook } from "../../api/schema";
import { bodyOf, isSameReceiver, newWebhook, patchOf, valuesOf, type WebhookValues } from "./values";

const DEFAULT = [5, 300];

const webhook: Webhook = {
  id: "3f0c3c52-1f0e-4b5a-9f0f-0d8f8f0f8f0f",
  url: "https://example.com/in",
  events: ["order.created"],
  filter: { entity: { a: [1], b: [2] } },
  status: "active",
  disabledReason: null,
  failingSince: null,
  recoverSince: null,
  description: "Warehouse",
  headers: { Authorization: "[redacted]", "X-Team": "red" },
  retryScheduleSeconds: null,
  rateLimit: { limit: 10, windowSeconds: 60 },
  slowSeconds: null,
  asymmetricSignatures: false,
  publicKeys: [],
  createdAt: "2026-03-04T10:00:00Z",
  updatedAt: "2026-03-04T10:00:00Z",
};

const before = valuesOf(webhook, DEFAULT);
const changed = (fields: Partial<WebhookValues>) => patchOf(before, { ...before, ...fields });

test("a new webhook gets all events, and its secret is made here", () => {
  expect(bodyOf({ ...newWebhook(DEFAULT), url: " https://example.com/in " })).toEqual({
    url: "https://example.com/in",
    description: null,
    events: ["*"],
    secret: null,
    filter: null,
    headers: {},
    rateLimit: null,
    retryScheduleSeconds: null,
    asymmetricSignatures: false,
    status: "active",
  });
});

test("nothing changed is an empty patch", () => {
  expect(changed({})).toEqual({});
});

test("a patch has what was changed and nothing else", () => {
  expect(changed({ picks: "all" })).toEqual({ events: ["*"] });
  expect(changed({ limitsRate: false })).toEqual({ rateLimit: null });
  expect(changed({ hasSchedule: true, schedule: "" })).toEqual({ retryScheduleSeconds: [] });
  expect(changed({ description: " " })).toEqual({ description: null });
});

test("what a filter names no longer is taken away, as a merge patch would keep it", () => {
  expect(changed({ filter: '{"entity": {"b": [3]}}' })).toEqual({ filter: { entity: { a: null, b: [3] } } });
  expect(changed({ hasFilter: false })).toEqual({ filter: null });
});

test("a kept header isn't sent, a removed one is taken away, a value that is entered replaces it", () => {
  const [secret, team] = before.headers;
  if (!secret || !team) throw new Error("The webhook has two headers.");
  expect(changed({ headers: [secret] })).toEqual({ headers: { "X-Team": null } });
  expect(changed({ headers: [{ ...secret, isKept: false, value: "Bearer new" }, team] })).toEqual({
    headers: { Authorization: "Bearer new" },
  });
});

test("a receiver is known by its origin", () => {
  expect(isSameReceiver("https://example.com/in", "https://example.com/other")).toBe(true);
  expect(isSameReceiver("https://example.com/in", "https://example.com:444/in")).toBe(false);
  expect(isSameReceiver("https://example.com/in", "not an address")).toBe(false);
});
