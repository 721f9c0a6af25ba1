import { Textarea } from "@mantine/core";
import classes from "./CodeInput.module.css";
import type { LineProblem } from "./jsonObject";

const LEAST_ROWS = 5;
const MOST_ROWS = 16;

/** JSON with numbered lines; what is wrong is said with its line, and the line is marked. */
export function CodeInput(props: {
  label: string;
  description?: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
  problem: LineProblem | null;
  /** What is wrong with the whole. */
  error: string | null;
}) {
  const { label, description, placeholder, value, onChange, problem, error } = props;
  const lines = Math.max(LEAST_ROWS, (value || (placeholder ?? "")).split("\n").length);
  const words = problem ? `Line ${problem.line}: ${problem.words}` : error;
  return (
    <Textarea
      label={label}
      {...(description ? { description } : {})}
      placeholder={placeholder ?? ""}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      rows={Math.min(MOST_ROWS, lines)}
      wrap="off"
      spellCheck={false}
      autoComplete="off"
      error={words}
      classNames={{ input: classes.input ?? "" }}
      inputContainer={(input) => (
        <div className={classes.code}>
          <div className={classes.gutter} aria-hidden>
            {Array.from({ length: Math.min(MOST_ROWS, lines) }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
              <span key={index} data-wrong={problem?.line === index + 1 || undefined}>
                {index + 1}
              </span>
            ))}
          </div>
          {input}
        </div>
      )}
    />
  );
}
