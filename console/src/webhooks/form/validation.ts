import { ApiError } from "../../api/problem";
import { readObject } from "./jsonObject";
import { readSchedule } from "./schedule";
import { isSameReceiver, type WebhookValues } from "./values";

const SHORTEST_SECRET = 16;

/** What must be right before the API is asked; the rest of the rules are its own. `before` is what was there. */
export function validated(values: WebhookValues, before: WebhookValues | null): Record<string, string> {
  const errors: Record<string, string> = {};
  const url = values.url.trim();
  if (!url) errors.url = "Say where events go.";
  else if (!/^https?:\/\/./i.test(url)) errors.url = "A whole address is needed: https://…";
  if (values.picks === "some" && values.events.length === 0) errors.events = "Choose one event at least.";
  if (values.secretKind === "own" && values.secret.length < SHORTEST_SECRET) {
    errors.secret = `It must have ${SHORTEST_SECRET} characters at least.`;
  }
  if (values.hasFilter) {
    const read = readObject(values.filter);
    if ("problem" in read) errors.filter = `Line ${read.problem.line}: ${read.problem.words}`;
  }
  const isMoved = before !== null && before.url !== "" && !isSameReceiver(before.url, url);
  for (const [index, { name, value, isKept }] of values.headers.entries()) {
    if (!name.trim() && (value || isKept)) errors[`headers.${index}.name`] = "Give it a name.";
    if (name.trim() && !isKept && !value) errors[`headers.${index}.value`] = "Give it a value.";
    if (isKept && isMoved) errors[`headers.${index}.value`] = "Another receiver: enter the value again.";
  }
  if (values.limitsRate && !values.rate.limit) errors["rate.limit"] = "Say how many.";
  if (values.hasSchedule) {
    const schedule = readSchedule(values.schedule);
    if (typeof schedule === "string") errors.schedule = schedule;
  }
  return errors;
}

/** Field of the form → what the API has found wrong with it. */
export function refusedFields(error: unknown, { headers }: Pick<WebhookValues, "headers">): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!(error instanceof ApiError)) return errors;
  for (const { pointer, detail } of error.fields) {
    const [, field = "", ...rest] = pointer.split("/");
    errors[fieldOf(field, rest, headers)] ??= detail;
  }
  return errors;
}

function fieldOf(field: string, rest: string[], headers: WebhookValues["headers"]): string {
  if (field === "headers") {
    const name = (rest[0] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
    const index = headers.findIndex((each) => each.name.trim() === name);
    return index < 0 ? "headers" : `headers.${index}.name`;
  }
  if (field === "rateLimit") return `rate.${rest[0] ?? "limit"}`;
  if (field === "retryScheduleSeconds") return "schedule";
  return field;
}
