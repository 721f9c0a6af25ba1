import type { OAuthClient, OAuthGrant } from "../api/schema";

export function anApp(fields: Partial<OAuthClient> = {}): OAuthClient {
  return {
    id: "c-1",
    accountId: "acme",
    name: "Warehouse app",
    type: "confidential",
    redirectUris: ["https://app.example.com/callback"],
    grantTypes: ["authorization_code", "refresh_token"],
    scopes: ["orders:read"],
    logoUri: null,
    clientUri: null,
    policyUri: null,
    accessTokenSeconds: 3600,
    refreshTokenSeconds: 2592000,
    jwks: null,
    status: "active",
    createdAt: "2026-05-01T10:00:00Z",
    updatedAt: "2026-05-01T10:00:00Z",
    secretRotatedAt: null,
    ...fields,
  };
}

export function aGrant(fields: Partial<OAuthGrant> = {}): OAuthGrant {
  return {
    id: "g-1",
    userId: "user-1",
    clientId: "c-1",
    clientName: "Warehouse app",
    scopes: ["orders:read"],
    resource: null,
    redirectHost: "app.example.com",
    createdAt: "2026-05-01T10:00:00Z",
    expiresAt: "2126-05-31T10:00:00Z",
    lastUsedAt: null,
    ...fields,
  };
}
