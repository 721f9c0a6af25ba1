import { expect, test } from "vitest";
import { hasLostBytes, visibleText } from "./visibleText";

test.each([
  ["plain ä 語 🙂\n\tline", "plain ä 語 🙂\n\tline"],
  ["a\u0000b\u001b[31m\u007f", "a␀b␛[31m␡"],
  ["user\u202etxt.exe\u2069", "user‹U+202E›txt.exe‹U+2069›"],
  ["\u0085", "‹U+0085›"],
])("%j is seen as %j", (text, seen) => {
  expect(visibleText(text)).toBe(seen);
});

test("bytes that are no UTF-8 are known by what stands for them", () => {
  expect(hasLostBytes(new TextDecoder().decode(new Uint8Array([0xff, 0xd8, 0x41])))).toBe(true);
  expect(hasLostBytes("plain ä")).toBe(false);
});
