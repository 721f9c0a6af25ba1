import { type RefObject, useEffect } from "react";

/** `/` leads to a search field from anywhere but a place that is typed in or a dialog. */
export function useSlashToFocus(field: RefObject<HTMLInputElement | null>, active = true): void {
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent) => {
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key !== "/" || modified || event.defaultPrevented || isTypedIn(event.target)) return;
      if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [field, active]);
}

function isTypedIn(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
