import { type ChangeDialog, useChangeDialog } from "../url/useChangeDialog";

/** The dialogs that change an app. */
const CHANGES = ["edit", "rotate", "delete", "disconnect"] as const;

export function useAppDialog(): ChangeDialog<(typeof CHANGES)[number]> {
  return useChangeDialog(CHANGES);
}
