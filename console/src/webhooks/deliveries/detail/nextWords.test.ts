import { expect, test } from "vitest";
import type { Delivery, Webhook } from "../../../api/schema";
import { nextOf, whyNoRetry } from "./nextWords";

const now = new Date("2026-03-04T12:00:00Z");
const delivery = (nextAttemptAt: string | null, status = "failed", trigger = "event") =>
  ({ status, nextAttemptAt, attempts: [{ attempt: 2, trigger }] }) as unknown as Delivery;
const webhook = (status: Webhook["status"], url: string | null = "https://example.com/") => ({ status, url });

test.each([
  ["2026-03-04T12:05:00Z", "active", null, "Attempt 3 in 5 minutes"],
  ["2026-03-04T12:00:05Z", "active", null, "Attempt 3 in a moment"],
  ["2026-03-04T11:59:58Z", "active", null, "Attempt 3 is due now"],
  ["2026-03-04T12:05:00Z", "paused", null, "Attempt 3 waits until the webhook is resumed."],
  ["2026-03-04T12:05:00Z", "disabled", null, "No more attempts: the webhook is disabled."],
  ["2026-03-04T12:05:00Z", "active", 3, "Attempt 3 is being made…"],
  ["2026-03-04T12:05:00Z", "active", 2, "Attempt 3 in 5 minutes"],
  [null, "active", null, "No more attempts are planned."],
] as const)("next at %s of one %s, awaiting %s: %s", (at, status, awaited, words) => {
  expect(nextOf(delivery(at), webhook(status), awaited, now)?.words).toBe(words);
});

test("after a success, and after a test, nothing comes", () => {
  expect(nextOf(delivery(null, "success"), webhook("active"), null, now)).toBeNull();
  expect(nextOf(delivery(null, "failed", "test"), webhook("active"), null, now)).toBeNull();
});

test("why there is no retry", () => {
  expect(whyNoRetry({ requestBody: "{}" }, webhook("active"))).toBeNull();
  expect(whyNoRetry({ requestBody: null }, webhook("active"))).toMatch("isn't kept");
  expect(whyNoRetry({ requestBody: "{}" }, webhook("paused"))).toMatch("Resume");
  expect(whyNoRetry({ requestBody: "{}" }, webhook("disabled"))).toMatch("Enable");
  expect(whyNoRetry({ requestBody: "{}" }, webhook("active", null))).toMatch("no address");
});
