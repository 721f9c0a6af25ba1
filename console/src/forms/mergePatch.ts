type Json = Record<string, unknown>;

/** The JSON merge patch (RFC 7396) that makes `after` of `before`. It can't set anything to null. */
export function mergePatch(before: object | null | undefined, after: object | null | undefined): Json {
  const from = (before ?? {}) as Json;
  const to = (after ?? {}) as Json;
  const patch: Json = {};
  for (const name of Object.keys(from)) if (!(name in to)) patch[name] = null;
  for (const [name, value] of Object.entries(to)) {
    const old = from[name];
    if (JSON.stringify(old) === JSON.stringify(value)) continue;
    patch[name] = isObject(old) && isObject(value) ? mergePatch(old, value) : value;
  }
  return patch;
}

/** Whether there is a null somewhere that a merge patch would read as "take away". */
export function hasNull(value: unknown): boolean {
  if (value === null) return true;
  return isObject(value) && Object.values(value).some(hasNull);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
