import { formatNumber } from "../format/numbers";
import type { Role } from "./values";

export const ROLES: readonly { value: Role; label: string; about: string }[] = [
  { value: "admin", label: "Admin", about: "Everything in the account, including its members." },
  {
    value: "advisor",
    label: "Advisor",
    about: "Everything except the members, in the account and in client accounts.",
  },
  { value: "member", label: "Member", about: "What the permission profile allows, and nothing without a profile." },
  { value: "none", label: "No access", about: "Nothing, even if the user's sign-in gives rights." },
];

export function roleWord(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}

export function clientsWords(count: number): string {
  return `${formatNumber(count)} client ${count === 1 ? "account" : "accounts"}`;
}

/** The name of a member for people. */
export function nameOf(member: { userId: string; name: string | null; email: string | null }): string {
  return member.name ?? member.email ?? member.userId;
}

/** The caller's own name, where a user's name begins a text. */
export const YOU = "You";

/** A user's name within a sentence. */
export function inSentence(name: string): string {
  return name === YOU ? "you" : name;
}
