import type { OAuthClient } from "../api/schema";
import { hostOf } from "./redirectUris";

/** What an app does, in a line. */
export function typeWords({ grantTypes, redirectUris, type }: OAuthClient): string {
  if (grantTypes.includes("client_credentials") && redirectUris.length === 0) return "Acts for itself";
  const hosts = [...new Set(redirectUris.map(hostOf))];
  return `${type === "public" ? "Without a secret" : "For users"} · ${hosts.join(", ")}`;
}
