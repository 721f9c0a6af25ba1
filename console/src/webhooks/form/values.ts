import type { CreateWebhookBody, PatchWebhookBody, Webhook } from "../../api/schema";
import { mergePatch } from "../../forms/mergePatch";
import { readSchedule, scheduleText } from "./schedule";

/** What the API shows of a header whose value is secret by its name. */
export const REDACTED = "[redacted]";

export interface HeaderValues {
  /** Tells rows apart while they are edited. */
  key: string;
  name: string;
  value: string;
  /** It has a value that is not shown, and keeps it. */
  isKept: boolean;
}

/** What stands in the form's fields; "" is an empty number field. */
export interface WebhookValues {
  url: string;
  description: string;
  /** All that there is, or `events`. */
  picks: "all" | "some";
  events: string[];
  secretKind: "made" | "own";
  secret: string;
  hasFilter: boolean;
  /** JSON. */
  filter: string;
  headers: HeaderValues[];
  limitsRate: boolean;
  rate: { limit: number | ""; windowSeconds: string };
  hasSchedule: boolean;
  /** `5 s, 5 min`. */
  schedule: string;
  asymmetric: boolean;
}

export function newWebhook(defaultSchedule: readonly number[]): WebhookValues {
  return {
    url: "",
    description: "",
    picks: "all",
    events: [],
    secretKind: "made",
    secret: "",
    hasFilter: false,
    filter: "",
    headers: [],
    limitsRate: false,
    rate: { limit: 10, windowSeconds: "1" },
    hasSchedule: false,
    schedule: scheduleText(defaultSchedule),
    asymmetric: false,
  };
}

/** A webhook as the form shows it. */
export function valuesOf(webhook: Webhook, defaultSchedule: readonly number[]): WebhookValues {
  const { rateLimit, retryScheduleSeconds, filter, events } = webhook;
  const before = newWebhook(defaultSchedule);
  const all = events.includes("*");
  return {
    ...before,
    url: webhook.url ?? "",
    description: webhook.description ?? "",
    picks: all ? "all" : "some",
    events: all ? [] : events,
    hasFilter: filter !== null,
    filter: filter === null ? "" : JSON.stringify(filter, null, 2),
    headers: Object.entries(webhook.headers).map(([name, value]) => ({
      key: name,
      name,
      value: value === REDACTED ? "" : value,
      isKept: value === REDACTED,
    })),
    limitsRate: rateLimit !== null,
    rate: rateLimit ? { limit: rateLimit.limit, windowSeconds: String(rateLimit.windowSeconds) } : before.rate,
    hasSchedule: retryScheduleSeconds !== null,
    schedule: scheduleText(retryScheduleSeconds ?? defaultSchedule),
    asymmetric: webhook.asymmetricSignatures,
  };
}

/** The webhook that the fields ask for. */
export function bodyOf(values: WebhookValues): CreateWebhookBody {
  return {
    url: values.url.trim(),
    description: values.description.trim() || null,
    events: eventsOf(values),
    secret: values.secretKind === "own" ? values.secret : null,
    filter: filterOf(values),
    headers: headersOf(values),
    rateLimit: rateOf(values),
    retryScheduleSeconds: scheduleOf(values),
    asymmetricSignatures: values.asymmetric,
    status: "active",
  };
}

/** What was changed and nothing else, as a merge patch; what others change meanwhile stays. */
export function patchOf(before: WebhookValues, after: WebhookValues): PatchWebhookBody {
  const patch: PatchWebhookBody = {};
  if (before.url !== after.url.trim()) patch.url = after.url.trim();
  if (before.description !== after.description.trim()) patch.description = after.description.trim() || null;
  if (differ(eventsOf(before), eventsOf(after))) patch.events = eventsOf(after);
  const [filter, wanted] = [filterOf(before), filterOf(after)];
  if (differ(filter, wanted)) patch.filter = filter && wanted ? mergePatch(filter, wanted) : wanted;
  const headers = headerPatch(before, after);
  if (Object.keys(headers).length > 0) patch.headers = headers;
  if (differ(rateOf(before), rateOf(after))) patch.rateLimit = rateOf(after);
  if (differ(scheduleOf(before), scheduleOf(after))) patch.retryScheduleSeconds = scheduleOf(after);
  if (before.asymmetric !== after.asymmetric) patch.asymmetricSignatures = after.asymmetric;
  return patch;
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}

function eventsOf({ picks, events }: WebhookValues): string[] {
  return picks === "all" ? ["*"] : events;
}

function filterOf({ hasFilter, filter }: WebhookValues): Record<string, unknown> | null {
  return hasFilter && filter.trim() ? JSON.parse(filter) : null;
}

function rateOf({ limitsRate, rate }: WebhookValues): { limit: number; windowSeconds: number } | null {
  return limitsRate ? { limit: Number(rate.limit), windowSeconds: Number(rate.windowSeconds) } : null;
}

function scheduleOf({ hasSchedule, schedule }: WebhookValues): number[] | null {
  if (!hasSchedule) return null;
  const seconds = readSchedule(schedule);
  return typeof seconds === "string" ? null : seconds;
}

function headersOf({ headers }: WebhookValues): Record<string, string> {
  return Object.fromEntries(
    headers
      .filter(({ name }) => name.trim())
      .map(({ name, value, isKept }) => [name.trim(), isKept ? REDACTED : value]),
  );
}

function headerPatch(before: WebhookValues, after: WebhookValues): Record<string, string | null> {
  const old = headersOf(before);
  const wanted = headersOf(after);
  const patch: Record<string, string | null> = {};
  for (const name of Object.keys(old)) if (!(name in wanted)) patch[name] = null;
  for (const [name, value] of Object.entries(wanted)) if (old[name] !== value) patch[name] = value;
  return patch;
}

/** Whether two addresses are of one receiver; secret header values go to no other. */
export function isSameReceiver(before: string, after: string): boolean {
  try {
    return new URL(before).origin === new URL(after).origin;
  } catch {
    return false;
  }
}
