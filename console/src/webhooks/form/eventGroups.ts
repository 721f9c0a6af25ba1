/** Events as the picker groups them: `order.created` stands under `order`. */

export interface EventChoice {
  name: string;
  description: string | null;
}

export interface EventGroup {
  word: string;
  /** Every event below the word, later ones too. */
  wildcard: string;
  events: EventChoice[];
}

/** What we tell ourselves, beside the product's own event types. */
export const OWN_EVENTS: readonly EventChoice[] = [
  { name: "api_key.created", description: "A key was created." },
  { name: "api_key.updated", description: "A key was changed." },
  { name: "api_key.rotated", description: "A key has a new secret." },
  { name: "api_key.revoked", description: "A key is refused from now on." },
  { name: "api_key.expiring", description: "A key expires in seven days." },
  { name: "api_key.expired", description: "A key has expired." },
  { name: "api_key.limit_reached", description: "A key has used up its limit." },
  { name: "api_key.exposed", description: "A key was found in public." },
  { name: "webhook.failing", description: "A webhook's deliveries fail." },
  { name: "webhook.disabled", description: "A webhook was disabled after its failures." },
  { name: "member.created", description: "A member was added." },
  { name: "member.updated", description: "A member's role or settings changed." },
  { name: "member.removed", description: "A member was removed." },
  { name: "oauth_client.created", description: "An app was registered." },
  { name: "oauth_client.updated", description: "An app's settings changed." },
  { name: "oauth_client.deleted", description: "An app was deleted." },
  { name: "oauth_grant.created", description: "A user allowed an app." },
  { name: "oauth_grant.revoked", description: "An app was disconnected from a user." },
];

const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const LONGEST = 128;

/** Whether a text is an event's name or `prefix.*`. */
export function isPattern(text: string): boolean {
  const name = text.replace(/\.\*$/, "");
  return name.length <= LONGEST && NAME.test(name);
}

export function groupsOf(registered: readonly EventChoice[]): EventGroup[] {
  const choices = new Map([...OWN_EVENTS, ...registered].map((each) => [each.name, each]));
  const groups = new Map<string, EventGroup>();
  for (const choice of [...choices.values()].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const word = choice.name.split(".", 1)[0] ?? choice.name;
    const group = groups.get(word) ?? { word, wildcard: `${word}.*`, events: [] };
    group.events.push(choice);
    groups.set(word, group);
  }
  return [...groups.values()];
}

/** The groups with the events that a search leaves, by names and descriptions. */
export function searched(groups: readonly EventGroup[], search: string): EventGroup[] {
  const words = search.trim().toLowerCase();
  if (!words) return [...groups];
  return groups.flatMap((group) => {
    const events = group.events.filter(({ name, description }) =>
      `${name} ${description ?? ""}`.toLowerCase().includes(words),
    );
    return events.length > 0 ? [{ ...group, events }] : [];
  });
}

/** The wildcard, if any, by which an event or a narrower wildcard is picked already. */
export function wildcardOver(chosen: readonly string[], pattern: string): string | undefined {
  return chosen.find((each) => each.endsWith(".*") && each !== pattern && pattern.startsWith(each.slice(0, -1)));
}

/** Chosen or not; a wildcard takes the place of all that it covers. */
export function toggled(chosen: readonly string[], pattern: string): string[] {
  if (chosen.includes(pattern)) return chosen.filter((each) => each !== pattern);
  return [...chosen.filter((each) => wildcardOver([pattern], each) === undefined), pattern];
}

/** What is chosen and in none of the groups: names that aren't registered, and deeper wildcards. */
export function others(chosen: readonly string[], groups: readonly EventGroup[]): string[] {
  const shown = new Set(groups.flatMap(({ wildcard, events }) => [wildcard, ...events.map(({ name }) => name)]));
  return chosen.filter((each) => !shown.has(each));
}

/** Whether one of `patterns` picks an event; `order.*` picks `order.created`, not `order`. */
export function picks(patterns: readonly string[], name: string): boolean {
  return patterns.includes("*") || patterns.includes(name) || wildcardOver(patterns, name) !== undefined;
}
