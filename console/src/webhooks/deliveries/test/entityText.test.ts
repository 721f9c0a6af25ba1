import { expect, test } from "vitest";
import type { EventType } from "../../../api/schema";
import { exampleText, readEntity, TEST_EVENT } from "./entityText";

const types = [
  { name: "order.created", example: { id: 42 } },
  { name: "order.deleted", example: null },
] as unknown as EventType[];

test("a test says what the example of its event's type says", () => {
  expect(JSON.parse(exampleText("order.created", types))).toEqual({ id: 42 });
  for (const event of ["order.deleted", "something.else", TEST_EVENT]) {
    expect(JSON.parse(exampleText(event, types))).toEqual({ message: "This is a test." });
  }
});

test("what is written must be an object", () => {
  expect(readEntity('{"id": 1}')).toEqual({ entity: { id: 1 } });
  for (const text of ["[1]", "null", "3", '"text"']) expect(readEntity(text)).toHaveProperty("problem");
});

test("where it is no JSON the line is named", () => {
  expect(readEntity('{\n  "id": 1,\n  oops\n}')).toEqual({ problem: "This isn't JSON: look at line 3." });
  expect(readEntity("")).toHaveProperty("problem");
});
