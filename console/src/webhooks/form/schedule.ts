/** Waits between attempts as somebody writes them: `30 s, 5 min, 2 h`. */

const UNITS = { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 } as const;
const ITEM = /^(\d{1,6})\s*(s|sec|m|min|h|d)?$/i;

export const MOST_WAITS = 10;
export const LONGEST_WAIT_SECONDS = 86_400;

/** `5 s, 5 min, 2 h`, each in the largest unit that fits exactly. */
export function scheduleText(seconds: readonly number[]): string {
  return seconds.map(waitText).join(", ");
}

/** The same as a sentence's end: `5 s, 5 min and 2 h`; an empty schedule tries once. */
export function scheduleWords(seconds: readonly number[]): string {
  const waits = seconds.map((each) => waitText(each).replace(" ", "\u00a0"));
  const last = waits.pop();
  if (last === undefined) return "no wait: there is one attempt";
  return waits.length > 0 ? `${waits.join(", ")} and ${last}` : last;
}

function waitText(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** The seconds of what was written, or the sentence that says what is wrong with it. Numbers alone are seconds. */
export function readSchedule(text: string): number[] | string {
  const items = text.split(/[,;\n]/).map((item) => item.trim());
  if (items.length === 1 && items[0] === "") return [];
  if (items.length > MOST_WAITS) return `There can be ${MOST_WAITS} waits at most.`;
  const seconds: number[] = [];
  for (const item of items) {
    const match = ITEM.exec(item);
    if (!match) return `“${item}” isn't a wait. Write 30 s, 5 min or 2 h.`;
    const unit = (match[2]?.toLowerCase() ?? "s") as keyof typeof UNITS;
    const wait = Number(match[1]) * UNITS[unit];
    if (wait < 1 || wait > LONGEST_WAIT_SECONDS) return `“${item}” isn't between 1 s and 24 h.`;
    seconds.push(wait);
  }
  return seconds;
}
