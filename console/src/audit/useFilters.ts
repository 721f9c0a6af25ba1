import { CURSOR } from "../api/usePagedList";
import { useUrlParameter } from "../url/useUrlParameter";
import type { Filters } from "./filters";

export const EVENT = "event";
const RESETS = [CURSOR, EVENT];
const OPTIONS = { resets: RESETS };

/** The filters in the address, and how to change them: the list begins anew. */
export function useFilters(): { filters: Filters; set: (changes: Partial<Filters>) => void } {
  const [action, setAction] = useUrlParameter("action", OPTIONS);
  const [actor, setActor] = useUrlParameter("actor", OPTIONS);
  const [target, setTarget] = useUrlParameter("target", OPTIONS);
  const [period, setPeriod] = useUrlParameter("period", OPTIONS);
  const [from, setFrom] = useUrlParameter("from", OPTIONS);
  const [to, setTo] = useUrlParameter("to", OPTIONS);
  const setters = {
    action: setAction,
    actor: setActor,
    target: setTarget,
    period: setPeriod,
    from: setFrom,
    to: setTo,
  };
  return {
    filters: { action, actor, target, period, from, to },
    set: (changes) => {
      for (const name of Object.keys(changes) as (keyof Filters)[]) setters[name](changes[name] ?? "");
    },
  };
}

export const NO_FILTERS: Filters = { action: "", actor: "", target: "", period: "", from: "", to: "" };
