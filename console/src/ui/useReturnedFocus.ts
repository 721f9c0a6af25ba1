import { useEffect, useLayoutEffect, useRef } from "react";

/** Once everything that stood over the screen is closed, the focus is where it was before, or on the screen. */
export function useReturnedFocus(isCovered: boolean): void {
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (isCovered) before.current ??= document.activeElement;
  }, [isCovered]);
  useEffect(() => {
    if (isCovered || !before.current) return;
    const last = before.current;
    before.current = null;
    const to = last.isConnected && last !== document.body ? last : document.getElementById("main");
    // After the dialog has let go of it.
    setTimeout(() => {
      if (to instanceof HTMLElement) to.focus({ preventScroll: true });
    });
  }, [isCovered]);
}
