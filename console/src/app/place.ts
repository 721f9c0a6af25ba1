/** Where the console is served, and with it the API: both below the same base path, whatever that is. */
export interface Place {
  /** The path of the console without a slash at its end, `/api/v1/admin/integrations`. */
  path: string;
  /** The URL of the API without a slash at its end, `https://example.com/api/v1`. */
  apiUrl: string;
}

/** `baseUri` is the document's: the console's own address with a slash at its end. */
export function placeOf(baseUri: string): Place {
  const api = new URL("../../", baseUri);
  return {
    path: new URL(".", baseUri).pathname.replace(/\/$/, ""),
    apiUrl: api.origin + api.pathname.replace(/\/$/, ""),
  };
}

export const here = placeOf(document.baseURI);
