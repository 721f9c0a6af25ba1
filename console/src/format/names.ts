/** The same text for two names that a person reads as the same: in any case, with accents in any encoding. */
export function comparable(name: string): string {
  // Upper case, because a lower-case sigma depends on its place in the word.
  return name.normalize("NFD").toUpperCase().normalize("NFC");
}
