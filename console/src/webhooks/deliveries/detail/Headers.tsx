import { Text } from "@mantine/core";
import classes from "./Delivery.module.css";
import { visibleText } from "./visibleText";

const REDACTED = "[redacted]";

export function Headers({ headers }: { headers: Record<string, string> }) {
  const entries = Object.entries(headers);
  if (entries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No headers.
      </Text>
    );
  }
  return (
    <dl className={classes.headers}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{visibleText(name)}</dt>
          <dd>{value === REDACTED ? <span title="Not kept">••••••</span> : visibleText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
