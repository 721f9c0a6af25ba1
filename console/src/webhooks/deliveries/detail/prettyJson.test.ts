import { expect, test } from "vitest";
import { prettyJson } from "./prettyJson";

test.each([
  '{"a":1,"b":[true,null,{"c":"x,{y}: \\"z\\""}],"d":{},"e":[]}',
  '[[],[{}],"",-1.5]',
  '"a text"',
  "3",
  ' { "spaced" :\n [ 1 , 2 ] } ',
])("%s is written as JSON.stringify would", (text) => {
  expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
});

test("nothing but white space changes", () => {
  const text = '{"price":1.0,"id":12345678901234567890,"twice":1,"twice":2,"text":"\\u00e9 \\/","big":1E+2}';
  expect(prettyJson(text)?.replace(/\n */g, "").replaceAll(": ", ":")).toBe(text);
});

test.each(["", "<html>", "{'a': 1}", '{"a":1} x', "undefined"])("%s is no JSON", (text) => {
  expect(prettyJson(text)).toBeNull();
});

test("a body as large as one may be is no strain", () => {
  const text = JSON.stringify(Array.from({ length: 20_000 }, (_, number) => ({ number })));
  const started = performance.now();
  expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
  expect(performance.now() - started).toBeLessThan(1000);
});
