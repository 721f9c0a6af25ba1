import type { Attempt, Delivery, Webhook } from "../api/schema";

/** A webhook for tests: active, without deliveries. */
export function aWebhook(fields: Partial<Webhook> = {}): Webhook {
  return {
    id: "3f0c3c52-1f0e-4b5a-9f0f-0d8f8f0f8f0f",
    url: "https://hooks.example.com/in",
    events: ["*"],
    filter: null,
    status: "active",
    disabledReason: null,
    failingSince: null,
    recoverSince: null,
    description: null,
    headers: {},
    retryScheduleSeconds: null,
    rateLimit: null,
    slowSeconds: null,
    asymmetricSignatures: false,
    publicKeys: [],
    createdAt: "2026-03-04T10:00:00Z",
    updatedAt: "2026-03-04T10:00:00Z",
    ...fields,
  };
}

/** A successful first attempt for tests. */
export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    id: `a-${fields.deliveryId ?? "d-1"}-${fields.attempt ?? 1}`,
    deliveryId: "d-1",
    webhookId: aWebhook().id,
    eventId: "e-1",
    eventType: "order.created",
    externalId: null,
    attempt: 1,
    trigger: "event",
    status: "success",
    errorMessage: null,
    request: { headers: { "Content-Type": "application/json" } },
    response: { status: 200, headers: {}, body: "", truncated: false },
    timingsMs: { total: 12 },
    note: null,
    remoteAddress: "203.0.113.7",
    nextAttemptAt: null,
    createdAt: "2026-03-04T10:00:00Z",
    ...fields,
  };
}

/** A delivery with its attempts, the newest first. */
export function aDelivery(attempts: Attempt[], fields: Partial<Delivery> = {}): Delivery {
  return {
    id: "d-1",
    webhookId: aWebhook().id,
    eventId: "e-1",
    eventType: "order.created",
    externalId: null,
    status: attempts[0]?.status ?? "success",
    requestBody: '{"event":"order.created"}',
    nextAttemptAt: null,
    attempts,
    ...fields,
  };
}
