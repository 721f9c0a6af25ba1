/** Whether another page shows this one in a frame. */
export function isFramed(): boolean {
  return window.self !== window.top;
}
