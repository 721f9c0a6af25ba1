/**
 * Text with what can't be seen made visible: control characters as their symbols (`␀`), and those that turn the
 * direction of writing, by which a text can look like another one, as `‹U+202E›`. Line ends and tabs stay.
 */
export function visibleText(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Whether it had bytes that are no text: the API shows each as a replacement character. */
export function hasLostBytes(text: string): boolean {
  return text.includes("\ufffd");
}
