// Five calls with openapi-fetch and the generated types, for the type checker only.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const client = createClient<paths>({ baseUrl: "https://api.example.com" });

export async function verify(key: string): Promise<boolean> {
  await client.POST("/api-keys/verify", { body: { key, requiredScopes: ["orders:read"] } });
  const either = { or: ["orders:read", { not: "orders:write" }] };
  const { data } = await client.POST("/api-keys/verify", { body: { key, requiredScopes: either } });
  return data?.valid ?? false;
}

export async function create(name: string): Promise<string | undefined> {
  const { data, error } = await client.POST("/api-keys", { body: { name } });
  const code: components["schemas"]["ProblemCode"] | undefined = error?.code;
  return code === "scope_beyond_creator" ? undefined : data?.id;
}

export async function names(): Promise<string[]> {
  const { data } = await client.GET("/api-keys", { params: { query: { limit: 10 } } });
  return data?.data.map((key) => key.name) ?? [];
}

export async function register(url: string): Promise<string | undefined> {
  const { data } = await client.POST("/webhooks", { body: { url } });
  return data?.secret ?? undefined;
}

export async function publish(): Promise<string | undefined> {
  const body = { accountId: "acme", event: "order.created", entity: { number: 1001 } };
  const { data } = await client.POST("/events", { body });
  return data?.id;
}
