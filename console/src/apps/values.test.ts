import { expect, test } from "vitest";
import { mergePatch } from "../forms/mergePatch";
import { anApp } from "./testing";
import { bodyOf, NEW_APP, patchable, validated, valuesOf } from "./values";

const GOOD = { ...NEW_APP, name: " App ", redirectUris: "https://a.example/", scopes: ["orders:read"] };

test("a new app acts for users with refresh tokens", () => {
  expect(bodyOf(GOOD)).toEqual({
    type: "confidential",
    name: "App",
    grantTypes: ["authorization_code", "refresh_token"],
    redirectUris: ["https://a.example/"],
    scopes: ["orders:read"],
    accessTokenSeconds: 3600,
    refreshTokenSeconds: 2592000,
  });
});

test("an app that acts for itself needs no redirect", () => {
  const values = { ...GOOD, acts: "itself" as const, redirectUris: "" };
  expect(validated(values)).toEqual({});
  expect(bodyOf(values)).toMatchObject({ grantTypes: ["client_credentials"], redirectUris: [] });
});

test("a change sends only what changed, and removes an address with null", () => {
  const before = valuesOf(anApp({ clientUri: "https://app.example.com" }));
  const after = { ...before, name: "Other", clientUri: "" };
  expect(mergePatch(patchable(before), patchable(after))).toEqual({ name: "Other", clientUri: null });
});

test("missing and wrong fields are named", () => {
  expect(Object.keys(validated({ ...NEW_APP, clientUri: "http://a.example" }))).toEqual([
    "name",
    "scopes",
    "redirectUris",
    "clientUri",
  ]);
});
