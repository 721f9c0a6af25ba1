import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { CopyButton } from "../../../ui/CopyButton";
import classes from "./Delivery.module.css";
import { prettyJson } from "./prettyJson";
import { hasLostBytes, visibleText } from "./visibleText";

/** A body as text, JSON on several lines unless it is wanted raw. What is copied is always what was sent. */
export function Body({ text, what, isCut = false }: { text: string; what: string; isCut?: boolean }) {
  const [isRaw, setIsRaw] = useState(false);
  const pretty = useMemo(() => prettyJson(text), [text]);
  const shown = useMemo(() => visibleText(pretty !== null && !isRaw ? pretty : text), [text, pretty, isRaw]);
  return (
    <div className={classes.body}>
      <div className={classes.bodyHead}>
        <span className={classes.dimmed}>{sizeWords(text, isCut)}</span>
        {pretty !== null && (
          <SegmentedControl
            size="xs"
            aria-label={`Form of the ${what}`}
            data={[
              { value: "pretty", label: "Formatted" },
              { value: "raw", label: "Raw" },
            ]}
            value={isRaw ? "raw" : "pretty"}
            onChange={(value) => setIsRaw(value === "raw")}
          />
        )}
        <CopyButton value={text} what={`the ${what}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by the keyboard too */}
      <section className={classes.text} tabIndex={0} aria-label={`The ${what}`}>
        <pre>{shown}</pre>
      </section>
      {isCut && <p className={classes.cut}>The receiver sent more. Only this beginning is kept.</p>}
    </div>
  );
}

/** Of what isn't all text the length isn't known: what stands for a byte is longer than it. */
function sizeWords(text: string, isCut: boolean): string {
  if (hasLostBytes(text)) return "Not all text";
  const bytes = new TextEncoder().encode(text).length;
  const words = bytes < 1024 ? `${bytes} ${bytes === 1 ? "byte" : "bytes"}` : `${(bytes / 1024).toFixed(1)} KiB`;
  return isCut ? `First ${words}` : words;
}
