import { useEffect, useRef } from "react";
import type { SessionState } from "../session/sessions";
import { tellParent } from "./parentFrame";

/**
 * Tells the embedding page the height of the content and the end of a portal session. The height is that of `#root`, which
 * does not depend on the height of the frame: a page that resizes the frame gets no second message.
 */
export function useFrame({ session, ended, left, opening }: SessionState, allowed: readonly string[]): void {
  const last = useRef(0);
  const isPortal = Boolean(session?.portal || left || opening);
  useEffect(() => {
    const root = document.getElementById("root");
    if (!isPortal || !root) return;
    const observer = new ResizeObserver(() => {
      const height = Math.ceil(root.getBoundingClientRect().height);
      if (height !== last.current) tellParent(window, allowed, { type: "latchhook:height", height });
      last.current = height;
    });
    observer.observe(root);
    return () => observer.disconnect();
  }, [isPortal, allowed]);
  const reason = left && (ended === "expired" || ended === "ended") ? ended : null;
  useEffect(() => {
    if (reason) tellParent(window, allowed, { type: "latchhook:signed-out", reason });
  }, [reason, allowed]);
}
