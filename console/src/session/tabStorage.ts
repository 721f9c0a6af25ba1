/** The part of the Storage API that sessions need. */
export type TabStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The storage of this browser tab. A browser can block it, for example in a frame on another site. Then the values are in
 * memory only, and a reload loses them.
 */
export function tabStorage(window: { readonly sessionStorage: Storage }): TabStorage {
  const memory = new Map<string, string>();
  return {
    getItem: (name) => memory.get(name) ?? allowed(() => window.sessionStorage.getItem(name)) ?? null,
    setItem(name, value) {
      memory.set(name, value);
      allowed(() => window.sessionStorage.setItem(name, value));
    },
    removeItem(name) {
      memory.delete(name);
      allowed(() => window.sessionStorage.removeItem(name));
    },
  };
}

function allowed<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined; // blocked or full: `memory` has the value
  }
}
