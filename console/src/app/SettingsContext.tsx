import { createContext, useContext } from "react";
import type { Settings } from "./settings";

const Context = createContext<Settings | null>(null);

export const SettingsProvider = Context;

/** The deployment's scopes, prefixes and defaults. */
export function useSettings(): Settings {
  const settings = useContext(Context);
  if (!settings) throw new Error("useSettings needs a SettingsProvider.");
  return settings;
}
