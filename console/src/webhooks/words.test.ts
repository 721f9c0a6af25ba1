import { expect, test } from "vitest";
import { eventsWords, hostOf, stateOf } from "./words";

const url = "https://hooks.example.com/in";

test("a webhook whose newest attempts all failed is failing as long as it is active", () => {
  const failingSince = "2026-03-04T10:00:00Z";
  expect(stateOf({ status: "active", failingSince: null, url })).toBe("active");
  expect(stateOf({ status: "active", failingSince, url })).toBe("failing");
  expect(stateOf({ status: "paused", failingSince, url })).toBe("paused");
  expect(stateOf({ status: "disabled", failingSince, url })).toBe("disabled");
});

test("the default webhook without a URL does nothing yet", () => {
  expect(stateOf({ status: "active", failingSince: null, url: null })).toBe("incomplete");
  expect(hostOf({ url: null })).toBe("default");
});

test("a webhook is known by its host and port", () => {
  expect(hostOf({ url })).toBe("hooks.example.com");
  expect(hostOf({ url: "http://127.0.0.1:8080/in" })).toBe("127.0.0.1:8080");
});

test("events are named, or all", () => {
  expect(eventsWords(["order.created", "lap.*"])).toBe("order.created, lap.*");
  expect(eventsWords(["order.created", "*"])).toBe("All events");
});
