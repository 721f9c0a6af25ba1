import { type ChangeDialog, useChangeDialog } from "../url/useChangeDialog";

/** The dialogs that change a member. */
const CHANGES = ["edit", "remove"] as const;

export function useMemberDialog(): ChangeDialog<(typeof CHANGES)[number]> {
  return useChangeDialog(CHANGES);
}
