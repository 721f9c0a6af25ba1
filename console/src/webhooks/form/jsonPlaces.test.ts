import { expect, test } from "vitest";
import { lineOf, placesOf } from "./jsonPlaces";

const FILTER = `{
  "entity": {
    "total": [
      {"numeric": [">", 0]},
      {"prefix": 5}
    ],
    "a/b": ["x"]
  }
}`;

test("a pointer leads to the line of what it names", () => {
  const places = placesOf(FILTER);
  expect(places.brokenAt).toBeNull();
  expect(lineOf(places, "")).toBe(1);
  expect(lineOf(places, "/entity")).toBe(2);
  expect(lineOf(places, "/entity/total/1/prefix")).toBe(5);
  expect(lineOf(places, "/entity/a~1b/0")).toBe(7);
});

test("a pointer to what is not there leads to what is around it", () => {
  expect(lineOf(placesOf(FILTER), "/entity/total/1/prefix/7/more")).toBe(5);
  expect(lineOf(placesOf(""), "/entity")).toBe(1);
});

test.each([
  ["", 1],
  ['{\n"a": 1,\n}', 3],
  ['{\n"a": 1\n"b": 2}', 3],
  ['{"a": [1,\n2', 2],
  ["{'a': 1}", 1],
  ['{"a": 01}', 1],
  ['{"a": 1} x', 1],
  ['{"a": "\n"}', 1],
])("%j breaks at line %i", (text, line) => {
  expect(placesOf(text).brokenAt).toBe(line);
});

test.each(["[]", " {} ", '"\\u00e4"', "-1.5e+3", "null", '{"a":{"b":[[],{}]}}'])("%s is JSON", (text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(placesOf(text).brokenAt).toBeNull();
});
