import { ApiError, fieldErrors } from "../api/problem";
import type { Member, PutMemberBody } from "../api/schema";

export type Role = Member["role"];

/** The values of the form's fields. */
export interface MemberValues {
  userId: string;
  role: Role;
  /** Empty for no profile. */
  profileId: string;
  name: string;
  email: string;
  clientAccountIds: string[];
}

export const NEW_MEMBER: MemberValues = {
  userId: "",
  role: "member",
  profileId: "",
  name: "",
  email: "",
  clientAccountIds: [],
};

export function valuesOf(member: Member): MemberValues {
  const { userId, role, profileId, name, email, clientAccountIds } = member;
  return { userId, role, profileId: profileId ?? "", name: name ?? "", email: email ?? "", clientAccountIds };
}

/** The body of a request. PUT replaces all fields. */
export function bodyOf(before: MemberValues, after: MemberValues, isOperator: boolean): PutMemberBody {
  return {
    role: after.role,
    profileId: after.role === "none" ? null : after.profileId || null,
    name: after.name.trim() || null,
    email: after.email.trim() || null,
    clientAccountIds: losesClients(before, after, isOperator) ? [] : after.clientAccountIds,
  };
}

/** Whether the change removes all client accounts: only an advisor has them, and only the operator keeps them. */
export function losesClients(before: MemberValues, after: MemberValues, isOperator: boolean): boolean {
  if (after.clientAccountIds.length === 0) return false;
  const isSame = before.role === after.role && before.profileId === after.profileId;
  return after.role !== "advisor" || !(isSame || isOperator);
}

const USER_ID = /^[\x21-\x7e]{1,255}$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** Field → problem, before a request is sent. */
export function validated({ userId, email }: MemberValues): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!USER_ID.test(userId.trim())) errors.userId = "Enter the user's ID, without spaces or special letters.";
  if (email.trim() && !EMAIL.test(email.trim())) errors.email = "Enter an email address.";
  return errors;
}

/** Codes of problems with the role. They name no field. */
const ABOUT_ROLE = new Set(["last_admin", "role_beyond_caller"]);

/** Field → problem that the API reports. */
export function refusedFields(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const errors: Record<string, string> = ABOUT_ROLE.has(error.code) ? { role: error.message } : {};
  for (const [pointer, detail] of Object.entries(fieldErrors(error))) {
    errors[pointer.replace(/^clientAccountIds\..*/, "clientAccountIds")] ??= detail;
  }
  return errors;
}

/** The error if a new member already exists. PUT would replace it. */
export function alreadyMember(): ApiError {
  const detail = "This user is already a member. Edit the member instead.";
  const fields = [{ pointer: "/userId", detail }];
  return new ApiError({ status: 409, code: "member_exists", detail, fields });
}
