import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** What is known of something, name by name; `wide` where there is a screen's width for it. */
export function Facts({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return <dl className={wide ? `${classes.facts} ${classes.wide}` : classes.facts}>{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Texts, one in a line, each once. */
export function Lines({ of }: { of: readonly string[] }) {
  return (
    <span className={classes.lines}>
      {of.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  );
}

/** What customers wrote as JSON. */
export function Json({ value }: { value: unknown }) {
  return <pre className={classes.json}>{JSON.stringify(value, null, 2)}</pre>;
}
