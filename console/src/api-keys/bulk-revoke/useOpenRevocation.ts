import { useUrlParameter } from "../../url/useUrlParameter";

const NAME = "revoke-unused";
const PUSHED = { push: true }; // so that Back closes it

/** Whether the dialog is open, as the address says, and how many days it begins with: `open=revoke-unused.30`. */
export function useOpenRevocation(): { days: string | null; open: () => void; close: () => void } {
  const [text, set] = useUrlParameter("open", PUSHED);
  const [, replace] = useUrlParameter("open");
  const [word, days] = text.split(".", 2);
  return {
    days: word === NAME ? (days ?? "90") : null,
    open: () => set(NAME),
    close: () => replace(""),
  };
}
