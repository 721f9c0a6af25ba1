import { useOpenDialog } from "../../url/useOpenDialog";

const WORD = "revoke-unused";

/** Whether the dialog is open, as the address says, and how many days it begins with: `open=revoke-unused.30`. */
export function useRevocationDialog(): { days: string | null; open: () => void; close: () => void } {
  const { word, about, open, close } = useOpenDialog([WORD]);
  return { days: word && (about ?? "90"), open: () => open(WORD), close };
}
