import { fieldErrors } from "../api/problem";
import type { CreateOAuthClientBody, OAuthClient } from "../api/schema";
import { linesOf, redirectUrisProblem } from "./redirectUris";

export type Acts = "users" | "itself";

/** The values of the form's fields. */
export interface AppValues {
  name: string;
  type: OAuthClient["type"];
  /** Whether the app acts for users, or with rights of its own. */
  acts: Acts;
  /** One in a line. */
  redirectUris: string;
  scopes: string[];
  /** How long an access token is valid. */
  accessTokenSeconds: string;
  /** How long a user stays connected. */
  refreshTokenSeconds: string;
  clientUri: string;
  policyUri: string;
}

export const NEW_APP: AppValues = {
  name: "",
  type: "confidential",
  acts: "users",
  redirectUris: "",
  scopes: [],
  accessTokenSeconds: "3600",
  refreshTokenSeconds: "2592000",
  clientUri: "",
  policyUri: "",
};

export function valuesOf(app: OAuthClient): AppValues {
  return {
    name: app.name,
    type: app.type,
    acts: app.grantTypes.includes("client_credentials") ? "itself" : "users",
    redirectUris: app.redirectUris.join("\n"),
    scopes: app.scopes,
    accessTokenSeconds: String(app.accessTokenSeconds),
    refreshTokenSeconds: String(app.refreshTokenSeconds),
    clientUri: app.clientUri ?? "",
    policyUri: app.policyUri ?? "",
  };
}

/** The body that creates the app. */
export function bodyOf(values: AppValues): CreateOAuthClientBody {
  const { clientUri, policyUri } = values;
  return {
    type: values.type,
    ...settingsOf(values),
    ...(clientUri.trim() ? { clientUri: clientUri.trim() } : {}),
    ...(policyUri.trim() ? { policyUri: policyUri.trim() } : {}),
  };
}

/** The settings that a patch can change, for `mergePatch`. */
export function settingsOf(values: AppValues) {
  const { acts } = values;
  const grantTypes: OAuthClient["grantTypes"] =
    acts === "itself" ? ["client_credentials"] : ["authorization_code", "refresh_token"];
  return {
    name: values.name.trim(),
    grantTypes,
    redirectUris: acts === "itself" ? [] : linesOf(values.redirectUris),
    scopes: values.scopes,
    accessTokenSeconds: Number(values.accessTokenSeconds),
    refreshTokenSeconds: Number(values.refreshTokenSeconds),
  };
}

/** The settings of an app with its optional addresses, for `mergePatch`. */
export function patchable(values: AppValues): object {
  const { type: _, ...body } = bodyOf(values);
  return body;
}

/** Field → problem, before a request is sent. */
export function validated(values: AppValues): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!values.name.trim()) errors.name = "Enter the name that users will see.";
  if (values.scopes.length === 0) errors.scopes = "Choose at least one scope.";
  if (values.acts === "users") {
    const uris = linesOf(values.redirectUris);
    const problem = uris.length === 0 ? "Enter the address to which users return." : redirectUrisProblem(uris);
    if (problem) errors.redirectUris = problem;
  }
  for (const name of ["clientUri", "policyUri"] as const) {
    const url = values[name].trim();
    if (url && !(url.startsWith("https://") && URL.canParse(url))) errors[name] = "Enter an https URL.";
  }
  return errors;
}

/** Field → problem that the API reports. */
export function refusedFields(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [pointer, detail] of Object.entries(fieldErrors(error))) {
    errors[pointer.replace(/\..*/, "")] ??= detail;
  }
  return errors;
}
