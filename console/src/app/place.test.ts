import { expect, test } from "vitest";
import { placeOf } from "./place";

test.each([
  ["https://example.com/admin/integrations/", "/admin/integrations", "https://example.com"],
  ["https://example.com/api/v1/admin/integrations/", "/api/v1/admin/integrations", "https://example.com/api/v1"],
  ["http://localhost:8787/admin/integrations/", "/admin/integrations", "http://localhost:8787"],
])("the API is where the console is: %s", (baseUri, path, apiUrl) => {
  expect(placeOf(baseUri)).toEqual({ path, apiUrl });
});
