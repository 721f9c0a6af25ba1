/** Leaves the console for an app. Back does not return to the consent page, whose code is used up. */
export function goTo(url: string): void {
  const scheme = new URL(url).protocol;
  if (scheme === "javascript:" || scheme === "data:" || scheme === "blob:") return;
  window.location.replace(url);
}
