import { type OpenDialog, useOpenDialog } from "../../url/useOpenDialog";

const WORDS = ["test", "recover"] as const;

/** The dialog about deliveries that is open. */
export function useDeliveryDialog(): OpenDialog<(typeof WORDS)[number]> {
  return useOpenDialog(WORDS);
}
