/** Scopes as the form groups them: `orders:read` stands under `orders`. */

export interface ScopeGroup {
  resource: string;
  /** Every scope below the resource. */
  wildcard: string;
  scopes: { scope: string; action: string }[];
}

export function groupsOf(catalogue: readonly string[]): ScopeGroup[] {
  const groups = new Map<string, ScopeGroup>();
  for (const scope of [...catalogue].sort()) {
    const resource = scope.slice(0, scope.indexOf(":"));
    const group = groups.get(resource) ?? { resource, wildcard: `${resource}:*`, scopes: [] };
    group.scopes.push({ scope, action: scope.slice(resource.length + 1) });
    groups.set(resource, group);
  }
  return [...groups.values()];
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

/** What the groups don't show: wildcards within a resource, and scopes that the deployment has no longer. */
export function others(chosen: readonly string[], groups: readonly ScopeGroup[]): string[] {
  const shown = new Set([
    "*",
    ...groups.flatMap(({ wildcard, scopes }) => [wildcard, ...scopes.map((each) => each.scope)]),
  ]);
  return chosen.filter((scope) => !shown.has(scope));
}
