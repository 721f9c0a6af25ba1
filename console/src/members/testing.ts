import type { Member } from "../api/schema";

/** A member for tests: a user with the role `member`, without a profile. */
export function aMember(fields: Partial<Member> = {}): Member {
  return {
    userId: "auth0|64f0c2a1",
    accountId: "acme",
    role: "member",
    profileId: null,
    name: "Mira Okafor",
    email: "mira@example.com",
    clientAccountCount: fields.clientAccountIds?.length ?? 0,
    clientAccountIds: [],
    createdAt: "2026-01-02T03:04:05Z",
    updatedAt: "2026-01-02T03:04:05Z",
    ...fields,
  };
}
