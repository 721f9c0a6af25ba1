import { placesOf } from "./jsonPlaces";

/** What is wrong at a line of a text. */
export interface LineProblem {
  line: number;
  words: string;
}

/** The object that a text is, or why it is none. */
export function readObject(text: string): { value: Record<string, unknown> } | { problem: LineProblem } {
  const { brokenAt } = placesOf(text);
  if (brokenAt !== null) return { problem: { line: brokenAt, words: "this isn't JSON." } };
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: { line: 1, words: "an object is needed: { … }." } };
  }
  return { value: value as Record<string, unknown> };
}
