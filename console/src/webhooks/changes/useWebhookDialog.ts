import { type ChangeDialog, useChangeDialog } from "../../url/useChangeDialog";

const CHANGES = ["edit", "pause", "rotate", "delete"] as const;

/** What can be done with a webhook in a dialog. */
export type Change = (typeof CHANGES)[number];

export function useWebhookDialog(): ChangeDialog<Change> {
  return useChangeDialog(CHANGES);
}
