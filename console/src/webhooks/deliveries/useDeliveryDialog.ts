import { useUrlParameter } from "../../url/useUrlParameter";

const DIALOGS = ["test", "recover"] as const;

type Shown = (typeof DIALOGS)[number];

/** The dialog about deliveries that is open, as the address says. */
export function useDeliveryDialog(): { shown: Shown | null; open: (what: Shown) => void; close: () => void } {
  const [text, push] = useUrlParameter("open", PUSHED);
  const [, replace] = useUrlParameter("open");
  return { shown: DIALOGS.find((each) => each === text) ?? null, open: push, close: () => replace("") };
}

const PUSHED = { push: true }; // so that Back closes it
