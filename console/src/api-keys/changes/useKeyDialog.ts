import { type ChangeDialog, useChangeDialog } from "../../url/useChangeDialog";

const CHANGES = ["edit", "rotate", "disable", "revoke"] as const;

/** What can be done with a key in a dialog. */
export type Change = (typeof CHANGES)[number];

export function useKeyDialog(): ChangeDialog<Change> {
  return useChangeDialog(CHANGES);
}
