import { useOpenDialog } from "./useOpenDialog";

/** The dialog by which something is created, or one that exists is changed: `open=create`, `open=edit.<id>`. */
export interface ChangeDialog<Change extends string> {
  creates: boolean;
  change: { what: Change; id: string } | null;
  open: (what: "create" | Change, id?: string) => void;
  close: () => void;
}

export function useChangeDialog<Change extends string>(changes: readonly Change[]): ChangeDialog<Change> {
  const { word, about, open, close } = useOpenDialog<"create" | Change>(["create", ...changes]);
  const what = changes.find((each) => each === word);
  return { creates: word === "create", change: what && about ? { what, id: about } : null, open, close };
}
