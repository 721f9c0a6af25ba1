import { notifications } from "@mantine/notifications";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

configure({ asyncUtilTimeout: 60_000 }); // a slow machine must not fail a test

// What jsdom lacks and components ask for.
window.matchMedia = (query) =>
  ({
    matches: query.includes("min-width"), // a wide screen
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.HTMLElement.prototype.scrollIntoView = () => {};
window.scrollTo = () => {};
Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });

afterEach(() => {
  cleanup();
  notifications.cleanQueue();
  notifications.clean();
  window.history.replaceState(null, "", "/");
});
