import { ApiError, fieldErrors } from "../../api/problem";
import type { PermissionProfile, PermissionRule, UpdateProfileBody } from "../../api/schema";

/** What a profile does to a scope of the catalogue; "own" is what it leaves to the key's own scopes. */
export type Effect = "allowed" | "denied" | "own";

/** Deny wins, whatever the rules' order. */
export function effectOn(scope: string, rules: readonly PermissionRule[]): Effect {
  const has = (effect: PermissionRule["effect"]) =>
    rules.some((rule) => rule.effect === effect && rule.actions.some((action) => covers(action, scope)));
  if (has("deny")) return "denied";
  return has("allow") ? "allowed" : "own";
}

/** Whether an action, which may be a wildcard, is the scope or covers it. */
export function covers(action: string, scope: string): boolean {
  if (action === "*" || action === scope) return true;
  return action.endsWith(":*") && scope.startsWith(action.slice(0, -1));
}

/** What can be chosen, by resource: the wildcards, and the scopes below them. */
export function choicesOf(catalogue: readonly string[]): { group: string; items: string[] }[] {
  const groups = new Map<string, Set<string>>([["Everything", new Set(["*"])]]);
  for (const scope of [...catalogue].sort()) {
    const parts = scope.split(":");
    const group = groups.get(parts[0] ?? "") ?? new Set<string>();
    for (let depth = 1; depth < parts.length; depth += 1) group.add(`${parts.slice(0, depth).join(":")}:*`);
    group.add(scope);
    groups.set(parts[0] ?? "", group);
  }
  return [...groups].map(([group, items]) => ({ group, items: [...items] }));
}

export interface ProfileValues {
  name: string;
  description: string;
  rules: PermissionRule[];
}

export const NEW_PROFILE: ProfileValues = { name: "", description: "", rules: [{ effect: "allow", actions: [] }] };

export function valuesOf({ name, description, rules }: PermissionProfile): ProfileValues {
  return { name, description: description ?? "", rules };
}

export function bodyOf({ name, description, rules }: ProfileValues) {
  return { name: name.trim(), description: description.trim() || null, rules };
}

/** What was changed, and nothing else; rules are replaced whole. */
export function patchOf(before: ProfileValues, after: ProfileValues): UpdateProfileBody {
  const [old, now] = [bodyOf(before), bodyOf(after)];
  const names = (Object.keys(now) as (keyof typeof now)[]).filter(
    (name) => JSON.stringify(now[name]) !== JSON.stringify(old[name]),
  );
  return Object.fromEntries(names.map((name) => [name, now[name]]));
}

/** What must be right before the API is asked. */
export function validated({ name, rules }: ProfileValues): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!name.trim()) errors.name = "Give it a name.";
  rules.forEach(({ actions }, at) => {
    if (actions.length === 0) errors[`rules.${at}.actions`] = "Choose one action at least, or remove the rule.";
  });
  return errors;
}

/** Field of the form → what the API has found wrong with it; of a rule's actions the first one counts. */
export function refusedFields(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!(error instanceof ApiError)) return errors;
  for (const [pointer, detail] of Object.entries(fieldErrors(error))) {
    errors[pointer.replace(/^(rules\.\d+\.actions)\..*/, "$1")] ??= detail;
  }
  return errors;
}

type Counts = Pick<PermissionProfile, "keyCount" | "memberCount">;

export function isUsed({ keyCount, memberCount }: Counts): boolean {
  return keyCount + memberCount > 0;
}

/** "2 keys and 1 member use", for a profile that is in use. */
export function usersWords({ keyCount, memberCount }: Counts): string {
  const counts = [...(keyCount ? [keysWords(keyCount)] : []), ...(memberCount ? [membersWords(memberCount)] : [])];
  return `${counts.join(" and ")} ${keyCount + memberCount === 1 ? "uses" : "use"}`;
}

export function membersWords(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? "member" : "members"}`;
}

export function keysWords(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? "key" : "keys"}`;
}
