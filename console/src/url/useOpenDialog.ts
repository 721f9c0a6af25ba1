import { useUrlParameter } from "./useUrlParameter";

/** The one dialog that is open over a screen, as the address says: `open=test`, or `open=edit.<what it is about>`. */
export interface OpenDialog<Word extends string> {
  /** Null where none of the words that were asked for is open. */
  word: Word | null;
  about: string | null;
  open: (word: Word, about?: string) => void;
  close: () => void;
}

/** Whether one of these dialogs is open. Opening makes an entry of the history, so that Back closes it. */
export function useOpenDialog<Word extends string>(words: readonly Word[]): OpenDialog<Word> {
  const [text, push] = useUrlParameter("open", PUSHED);
  const [, replace] = useUrlParameter("open");
  const [first = "", ...rest] = text.split(".");
  const about = rest.join("."); // ids of users can contain dots
  const word = words.find((each) => each === first) ?? null;
  return {
    word,
    about: (word && about) || null,
    open: (next, of) => push(of ? `${next}.${of}` : next),
    close: () => replace(""),
  };
}

const PUSHED = { push: true };
