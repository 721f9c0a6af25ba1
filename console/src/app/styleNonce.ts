/** The nonce that this page's Content-Security-Policy lets styles carry; vite puts the tag there. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}
