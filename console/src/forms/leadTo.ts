/** Leads to the first field that isn't right, by the names of the form's values. */
export function leadTo(errors: Record<string, unknown>): void {
  const [first] = Object.keys(errors);
  const field = first ? document.querySelector<HTMLElement>(`[data-path="${first}"]`) : null;
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "center" }); // the footer would hide it
}
