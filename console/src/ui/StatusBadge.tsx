import classes from "./StatusBadge.module.css";

export type Tone = "good" | "waiting" | "bad" | "off";

/** A state in a word, with a dot in its colour: the word alone says it. */
export function StatusBadge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {children}
    </span>
  );
}
