const REDACTED = "[redacted]";

/**
 * The request of an attempt as a command for a POSIX shell. The headers that sign, and those whose values are secret,
 * are left out: their values are not kept.
 */
export function curlCommand(request: { url: string; headers: Record<string, string>; body: string }): string {
  const headers = Object.entries(request.headers).filter(([, value]) => value !== REDACTED);
  return [
    `curl -X POST ${quoted(request.url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `--data-raw ${quoted(request.body)}`,
  ].join(" \\\n  ");
}

/** The headers that the command hasn't. */
export function leftOut(headers: Record<string, string>): string[] {
  return Object.keys(headers).filter((name) => headers[name] === REDACTED);
}

/** Within single quotes nothing has a meaning but the single quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
