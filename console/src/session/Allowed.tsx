import type { ReactNode } from "react";
import { useMay } from "./useMe";

/** Shows a control only to a caller with the scope that it needs. */
export function Allowed({ to, children }: { to: string; children: ReactNode }) {
  return useMay(to) ? children : null;
}
