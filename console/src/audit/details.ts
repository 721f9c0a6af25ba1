import { formatExactTime } from "../format/times";

export interface Detail {
  name: string;
  value: string;
}

const NAMES: Record<string, string> = {
  changed: "Changed",
  previousKeyExpiresAt: "Old secret ends",
  url: "URL",
  recoveryId: "Recovery",
};
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** What else an event tells, as names and texts; what is inside an object stands beside the rest. */
export function detailsOf(details: Record<string, unknown>): Detail[] {
  return Object.entries(details).flatMap(([name, value]) =>
    isObject(value) ? detailsOf(value) : [{ name: NAMES[name] ?? spaced(name), value: valueText(value) }],
  );
}

function valueText(value: unknown): string {
  if (typeof value === "string") return TIME.test(value) ? formatExactTime(value) : value;
  if (Array.isArray(value)) return value.map(valueText).join(", ") || "none";
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** `failingSince` as "Failing since". */
function spaced(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
