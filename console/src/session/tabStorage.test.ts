import { expect, test } from "vitest";
import { tabStorage } from "./tabStorage";

const blocked = {
  get sessionStorage(): Storage {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  },
};

test("values survive a reload where storage is available", () => {
  tabStorage(window).setItem("name", "value");
  expect(tabStorage(window).getItem("name")).toBe("value");
  tabStorage(window).removeItem("name");
  expect(tabStorage(window).getItem("name")).toBeNull();
});

test("values are in memory where storage is blocked", () => {
  const storage = tabStorage(blocked);
  storage.setItem("name", "value");
  expect(storage.getItem("name")).toBe("value");
  storage.removeItem("name");
  expect(storage.getItem("name")).toBeNull();
});
