import { useUrlParameter } from "../../url/useUrlParameter";

export const CHANGES = ["edit", "pause", "rotate", "delete"] as const;

/** What can be done with a webhook in a dialog. */
export type Change = (typeof CHANGES)[number];

/** The dialog that is open, as the address says: `create`, or `edit.<id>` and such. */
export interface OpenDialog {
  creates: boolean;
  change: { what: Change; id: string } | null;
  open: (what: "create" | Change, id?: string) => void;
  close: () => void;
}

export function useOpenDialog(): OpenDialog {
  const [text, set] = useUrlParameter("open", PUSHED);
  const [, replace] = useUrlParameter("open");
  const [word = "", id] = text.split(".", 2);
  const what = CHANGES.find((each) => each === word);
  return {
    creates: word === "create",
    change: what && id ? { what, id } : null,
    open: (next, of) => set(of ? `${next}.${of}` : next),
    close: () => replace(""),
  };
}

const PUSHED = { push: true }; // so that Back closes it
