/** Messages to the page that shows the console in a frame. */
export type FrameMessage =
  | { type: "latchhook:height"; height: number }
  | { type: "latchhook:signed-out"; reason: "expired" | "ended" };

type FrameWindow = Pick<Window, "parent" | "postMessage"> & {
  location: Pick<Location, "origin"> & { ancestorOrigins?: ArrayLike<string> };
  document: Pick<Document, "referrer">;
};

/**
 * Sends a message to the embedding page if its origin is allowed. `allowed` are origins of the page's
 * `frame-ancestors`, also with `*`.
 */
export function tellParent(window: FrameWindow, allowed: readonly string[], message: FrameMessage): void {
  if (window.parent === (window as unknown)) return;
  for (const origin of targets(window, allowed)) window.parent.postMessage(message, origin);
}

/** The origin of the embedding page. If the browser hides it, all exact origins: the browser drops the wrong ones. */
function targets(window: FrameWindow, allowed: readonly string[]): string[] {
  const { ancestorOrigins, origin: own } = window.location;
  const origins = allowed.map((each) => (each === "'self'" ? own : each));
  const { referrer } = window.document;
  const parent = ancestorOrigins?.[0] ?? (URL.canParse(referrer) ? new URL(referrer).origin : null);
  if (parent !== null) return origins.some((each) => matches(each, parent)) ? [parent] : [];
  return origins.filter((each) => URL.canParse(each) && !each.includes("*"));
}

/** Whether an origin fits a source of `frame-ancestors`: `https://*.example.com`, `http://localhost:*`. */
function matches(source: string, origin: string): boolean {
  const [host = "", port = ""] = source.replace(/\/$/, "").split(/(:\d+|:\*)$/);
  const pattern = host.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[A-Za-z0-9.-]+");
  return new RegExp(`^${pattern}${port === ":*" ? "(:\\d+)?" : port}$`, "i").test(origin);
}
