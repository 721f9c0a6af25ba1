import classes from "./Copied.module.css";
import { CopyButton } from "./CopyButton";

/** A name among machines, whole, with the button that copies it. */
export function Copied({ text, what }: { text: string; what: string }) {
  return (
    <span className={classes.copied}>
      <span className={classes.text}>{text}</span>
      <CopyButton value={text} what={what} />
    </span>
  );
}
