import type { EventType } from "../../../api/schema";

/** The name of a test that is no event of the product's. */
export const TEST_EVENT = "webhook.test";

const TEST_ENTITY = { message: "This is a test." };

/** What a test of this event says unless something else is written: the example of its type, if it has one. */
export function exampleText(event: string, types: readonly EventType[]): string {
  const example = types.find(({ name }) => name === event)?.example;
  return JSON.stringify(example ?? TEST_ENTITY, null, 2);
}

/** What was written, as it is sent; or what is wrong with it. */
export function readEntity(text: string): { entity: Record<string, unknown> } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This isn't JSON${place(text, error)}.` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: 'An object is needed: {"id": 42}.' };
  }
  return { entity: value as Record<string, unknown> };
}

/** The engines that say where they stopped say it in different words; those that don't, nothing. */
function place(text: string, error: unknown): string {
  const words = error instanceof Error ? error.message : "";
  const line = /line (\d+)/.exec(words)?.[1];
  if (line) return `: look at line ${line}`;
  const position = /position (\d+)/.exec(words)?.[1];
  return position ? `: look at line ${text.slice(0, Number(position)).split("\n").length}` : "";
}
