import type { Attempt } from "../../../api/schema";

/** A part of a call: when it began and how long it took, in milliseconds. */
export interface Part {
  name: string;
  start: number;
  length: number;
}

const STEPS = [
  ["dns", "Name lookup"],
  ["connect", "Connection"],
  ["tls", "TLS"],
  ["firstByte", "First byte"],
] as const;

/** What a call took its time for, in order. Each part begins where the one before ended; what no part has is the rest. */
export function partsOf({ timingsMs, response }: Pick<Attempt, "timingsMs" | "response">): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const [key, name] of STEPS) {
    const length = timingsMs[key];
    if (length === undefined) continue;
    parts.push({ name, start: at, length });
    at += length;
  }
  const rest = (timingsMs.total ?? 0) - at;
  if (rest > 0) parts.push({ name: response ? "Sending, reading" : "Until it failed", start: at, length: rest });
  return parts;
}

/** Whether it went over a connection that was open already: then there is no lookup, connection and TLS. */
export function wasOpenAlready({ timingsMs, response }: Pick<Attempt, "timingsMs" | "response">): boolean {
  return response !== null && timingsMs.connect === undefined;
}
