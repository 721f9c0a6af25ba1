import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import IconCircleCheck from "~icons/tabler/circle-check";
import { tablerIcons } from "../../tablerIcons.ts";

const load = tablerIcons().load as (id: string) => string | null;

test("an icon draws each of its lines and is hidden from assistive technology", () => {
  const drawn = render(<IconCircleCheck size={14} />).container.querySelector("svg");
  expect(drawn?.getAttribute("aria-hidden")).toBe("true");
  expect(drawn?.getAttribute("width")).toBe("14");
  expect(drawn?.querySelectorAll("path")).toHaveLength(2);
});

test("an unknown icon and an icon without outlines fail the build", () => {
  expect(() => load("\0~icons/tabler/no-such-icon")).toThrow('no outline icon "no-such-icon"');
  expect(() => load("\0~icons/tabler/key-filled")).toThrow('no outline icon "key-filled"');
  expect(load("/src/main.tsx")).toBeNull();
});
