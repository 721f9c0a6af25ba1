import { type ChangeDialog, useChangeDialog } from "../../url/useChangeDialog";

/** What can be done with a profile in a dialog. */
const CHANGES = ["edit", "delete"] as const;

export function useProfileDialog(): ChangeDialog<(typeof CHANGES)[number]> {
  return useChangeDialog(CHANGES);
}
