import { expect, test } from "vitest";
import { isBase64, snippet } from "./verifySnippets";

const OURS = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

test("a library takes our secrets as they are, and an own one that is no base64 by its bytes", () => {
  expect(isBase64(OURS)).toBe(true);
  expect(isBase64("a-secret-of-our-own")).toBe(false);
  expect(snippet("Node", OURS)).not.toContain('raw"');
  expect(snippet("Node", "a-secret-of-our-own")).toContain('{ format: "raw" }');
  expect(snippet("Python", "a-secret-of-our-own")).toContain(".encode()");
});

test("no snippet has the secret", () => {
  expect(snippet("Node", OURS)).not.toContain("MfKQ9r8");
  expect(snippet("Python", OURS)).not.toContain("MfKQ9r8");
});
