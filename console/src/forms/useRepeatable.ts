import { useRef } from "react";

/** A request that can be sent again when its answer was lost, and is done once. */
export interface Repeatable<B> {
  body: B;
  idempotencyKey: string;
}

/**
 * Makes a request of what was chosen; the same choice gives the same request with the same `Idempotency-Key`, however
 * often it is sent, also where its body has a time that is counted from now.
 */
export function useRepeatable<C, B>(make: (choice: C) => B): (choice: C) => Repeatable<B> {
  const last = useRef<{ choice: string; request: Repeatable<B> } | null>(null);
  return (chosen) => {
    const choice = JSON.stringify(chosen);
    if (last.current?.choice !== choice) {
      last.current = { choice, request: { body: make(chosen), idempotencyKey: randomName() } };
    }
    return last.current.request;
  };
}

function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
