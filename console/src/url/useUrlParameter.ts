import { useCallback } from "react";
import { useSearchParams } from "wouter";

/**
 * One parameter of the address, empty if it is not there: state that survives reload, back and sharing. Setting it to an
 * empty text removes it. `resets` are parameters that hold no longer once this one changes, such as a list's `cursor`.
 * Typing replaces the entry of the history; `{ push: true }` makes one of its own.
 */
export function useUrlParameter(
  name: string,
  { resets = NONE, push = false }: { resets?: readonly string[]; push?: boolean } = {},
): [string, (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParameters(
        () => {
          // What the address says now: another parameter may have been set since this was rendered.
          const next = new URLSearchParams(window.location.search);
          if (value) next.set(name, value);
          else next.delete(name);
          for (const reset of resets) next.delete(reset);
          return next;
        },
        { replace: !push },
      ),
    [setParameters, name, resets, push],
  );
  return [parameters.get(name) ?? "", set];
}

const NONE: readonly string[] = [];
