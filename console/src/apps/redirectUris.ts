const LONGEST = 2048;
const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
const DOTS = /(^|[/:])(\.|%2e){1,2}(\/|$)/i;

/** The addresses in a text, one in a line, each once. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
}

/** What is wrong with a redirect URI by the rules of the API; null for a good one. */
export function redirectUriProblem(text: string): string | null {
  if (text.length > LONGEST || !/^[!-~]+$/.test(text)) return `Use at most ${LONGEST} visible ASCII characters.`;
  if (text.includes("#")) return "Leave out the part after #.";
  if (text.includes("\\")) return "Leave out the backslash.";
  if (!URL.canParse(text)) return "This is not a URL.";
  const url = new URL(text);
  if (/^[^/?]*\/\/[^/?]*@/.test(text)) return "Leave out user and password.";
  if (DOTS.test(text.replace(/^[^/?]*:/, "").split("?", 1)[0] ?? "")) return "Leave out the path parts . and ..";
  const isLoopback = url.protocol === "http:" && LOOPBACK.has(url.hostname);
  if (url.protocol === "https:" || isLoopback || PRIVATE_SCHEME.test(url.protocol)) return null;
  return "Use https, http on a loopback address, or a scheme such as com.example.app.";
}

/** The first problem of several redirect URIs, with the URI if there are more of them. */
export function redirectUrisProblem(uris: readonly string[]): string | null {
  if (uris.length > 10) return "Enter at most 10 addresses.";
  for (const uri of uris) {
    const problem = redirectUriProblem(uri);
    if (problem) return uris.length > 1 ? `${uri}: ${problem}` : problem;
  }
  return null;
}

/** The host of a redirect URI, or its scheme without a host. */
export function hostOf(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  return url.hostname || url.protocol;
}
