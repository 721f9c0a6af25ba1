/**
 * JSON on several lines, null for what is none. Only white space is added: numbers and strings stay as they were sent,
 * also where reading and writing them again would change them (`1.0`, `12345678901234567890`, a name that comes twice).
 */
export function prettyJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(TOKENS) ?? [];
  let depth = 0;
  let out = "";
  tokens.forEach((token, index) => {
    const isEmpty = CLOSING.has(tokens[index + 1] ?? "");
    if (OPENING.has(token)) {
      depth += 1;
      out += token + (isEmpty ? "" : line(depth));
    } else if (CLOSING.has(token)) {
      depth -= 1;
      out += (OPENING.has(tokens[index - 1] ?? "") ? "" : line(depth)) + token;
    } else if (token === ",") out += `,${line(depth)}`;
    else if (token === ":") out += ": ";
    else out += token;
  });
  return out;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
const OPENING = new Set(["{", "["]);
const CLOSING = new Set(["}", "]"]);

function line(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}
