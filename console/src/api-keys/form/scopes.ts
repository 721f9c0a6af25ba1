import type { Scope } from "../../api/schema";

/** The scopes of a resource: `orders:read` is a scope of `orders`. */
export interface Resource {
  resource: string;
  /** The wildcard for every scope of the resource. */
  wildcard: string;
  scopes: { scope: string; action: string }[];
}

/** Resources with their scopes, sorted. The wildcard of a resource is not one of its scopes. */
export function resourcesOf(catalogue: readonly string[]): Resource[] {
  const resources = new Map<string, Resource>();
  for (const scope of [...catalogue].sort()) {
    const resource = scope.slice(0, scope.indexOf(":"));
    const found = resources.get(resource) ?? { resource, wildcard: `${resource}:*`, scopes: [] };
    if (scope !== found.wildcard) found.scopes.push({ scope, action: scope.slice(resource.length + 1) });
    resources.set(resource, found);
  }
  return [...resources.values()];
}

export interface ScopeGroup {
  group: string;
  resources: Resource[];
}

/** The catalogue under its headings, sorted. */
export function groupsOf(catalogue: readonly Scope[]): ScopeGroup[] {
  const names = new Map<string, string[]>();
  for (const { group, name } of catalogue) names.set(group, [...(names.get(group) ?? []), name]);
  return [...names.entries()]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([group, scopes]) => ({ group, resources: resourcesOf(scopes) }));
}

/** Whether what is chosen gives a scope: by its name or by a wildcard. */
export function gives(chosen: readonly string[], scope: string): boolean {
  return chosen.includes(scope) || wildcardOver(chosen, scope) !== undefined;
}

/** The wildcard, if any, that gives a scope or a narrower wildcard. */
export function wildcardOver(chosen: readonly string[], scope: string): string | undefined {
  return chosen.find((each) => each.endsWith("*") && each !== scope && scope.startsWith(each.slice(0, -1)));
}

/** All that only reads. */
export function readOnly(catalogue: readonly string[]): string[] {
  return catalogue.filter((scope) => scope.endsWith(":read"));
}

/** Chosen or not; a wildcard takes the place of all that it covers. */
export function toggled(chosen: readonly string[], scope: string): string[] {
  if (chosen.includes(scope)) return chosen.filter((each) => each !== scope);
  return [...chosen.filter((each) => wildcardOver([scope], each) === undefined), scope];
}

/** The chosen scopes without a checkbox: wildcards within a resource, and scopes that are not in the catalogue. */
export function others(chosen: readonly string[], groups: readonly ScopeGroup[]): string[] {
  const shown = new Set(["*"]);
  for (const { wildcard, scopes } of groups.flatMap(({ resources }) => resources)) {
    shown.add(wildcard);
    for (const { scope } of scopes) shown.add(scope);
  }
  return chosen.filter((scope) => !shown.has(scope));
}
