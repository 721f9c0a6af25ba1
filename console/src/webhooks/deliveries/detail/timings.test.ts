import { expect, test } from "vitest";
import type { Attempt } from "../../../api/schema";
import { partsOf, wasOpenAlready } from "./timings";

const response = { status: 200, headers: {}, body: "", truncated: false };
const attempt = (timingsMs: Record<string, number>, answered = true) =>
  ({ timingsMs, response: answered ? response : null }) as Pick<Attempt, "timingsMs" | "response">;

test("a new connection has all parts, one after the other, and what is left over", () => {
  const call = attempt({ total: 100, dns: 3, connect: 18, tls: 22, firstByte: 42 });
  expect(partsOf(call)).toEqual([
    { name: "Name lookup", start: 0, length: 3 },
    { name: "Connection", start: 3, length: 18 },
    { name: "TLS", start: 21, length: 22 },
    { name: "First byte", start: 43, length: 42 },
    { name: "Sending, reading", start: 85, length: 15 },
  ]);
  expect(wasOpenAlready(call)).toBe(false);
});

test("an open connection is used again", () => {
  const call = attempt({ firstByte: 8, total: 8 });
  expect(partsOf(call)).toEqual([{ name: "First byte", start: 0, length: 8 }]);
  expect(wasOpenAlready(call)).toBe(true);
});

test("without an answer the rest is how long it was waited for", () => {
  const call = attempt({ dns: 2, connect: 8, total: 15_010 }, false);
  expect(partsOf(call).at(-1)).toEqual({ name: "Until it failed", start: 10, length: 15_000 });
  expect(wasOpenAlready(call)).toBe(false);
});

test("nothing measured is nothing shown", () => {
  expect(partsOf(attempt({}, false))).toEqual([]);
});
