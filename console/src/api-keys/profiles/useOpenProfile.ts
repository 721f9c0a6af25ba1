import { useUrlParameter } from "../../url/useUrlParameter";

/** What can be done with a profile in a dialog. */
const CHANGES = ["edit", "delete"] as const;
type Change = (typeof CHANGES)[number];

const PUSHED = { push: true }; // so that Back closes it

/** The dialog that is open, as the address says: `create`, or `edit.<id>` and such. */
export function useOpenProfile() {
  const [text, set] = useUrlParameter("open", PUSHED);
  const [, replace] = useUrlParameter("open");
  const [word = "", id] = text.split(".", 2);
  const what = CHANGES.find((each) => each === word);
  return {
    creates: word === "create",
    change: what && id ? { what, id } : null,
    open: (next: "create" | Change, of?: string) => set(of ? `${next}.${of}` : next),
    close: () => replace(""),
  };
}
