import { expect, test } from "vitest";
import { hostOf, linesOf, redirectUriProblem, redirectUrisProblem } from "./redirectUris";

test.each([
  "https://app.example.com/callback",
  "https://app.example.com:8443/a?tenant=7",
  "http://127.0.0.1:5000/callback",
  "http://[::1]/callback",
  "http://localhost:3000/callback",
  "com.example.app:/callback",
])("%s can be registered", (uri) => {
  expect(redirectUriProblem(uri)).toBeNull();
});

test.each([
  "http://app.example.com/callback",
  "https://app.example.com/callback#x",
  "https://user@app.example.com/callback",
  "https://app.example.com/a/../callback",
  "https://app.example.com/a/%2e%2E/callback",
  "https://app.example.com\\@evil.example/",
  "https://app.example.com/call back",
  "https://app.example.com/cällback",
  "javascript:alert(1)",
  "myapp://callback",
  "/callback",
  `https://app.example.com/${"a".repeat(2048)}`,
])("%s cannot be registered", (uri) => {
  expect(redirectUriProblem(uri)).not.toBeNull();
});

test("addresses are read line by line, each once", () => {
  expect(linesOf(" https://a.example/ \n\nhttps://b.example/\nhttps://a.example/")).toEqual([
    "https://a.example/",
    "https://b.example/",
  ]);
});

test("the problem names the address if there are several", () => {
  expect(redirectUrisProblem(["https://a.example/", "/b"])).toBe("/b: This is not a URL.");
  expect(redirectUrisProblem(Array.from({ length: 11 }, (_, at) => `https://a${at}.example/`))).toContain("10");
  expect(redirectUrisProblem([])).toBeNull();
});

test("an address is named by its host or its scheme", () => {
  expect(hostOf("https://app.example.com:8443/callback")).toBe("app.example.com");
  expect(hostOf("com.example.app:/callback")).toBe("com.example.app:");
});
