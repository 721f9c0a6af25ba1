/** Member scopes are granted by name only: no wildcard contains them. */
const BY_NAME = /^account-members:/;

/** Whether the granted scopes and wildcards contain `scope`. */
export function contain(granted: readonly string[], scope: string): boolean {
  if (granted.includes(scope)) return true;
  if (BY_NAME.test(scope)) return false;
  return granted.some((each) => each === "*" || (each.endsWith(":*") && scope.startsWith(each.slice(0, -1))));
}

/** Roles that usually have all rights in their account, so that their screens need not wait for `GET /me`. */
const MANAGERS = new Set(["business_admin", "admin", "advisor"]);

export function isManager(role: string): boolean {
  return MANAGERS.has(role);
}
