import { Title } from "@mantine/core";
import { formatNumber } from "../../format/numbers";
import classes from "./KeyScreen.module.css";
import type { Refused } from "./refusalWords";

/** Why requests with the key were refused; nothing where none was. */
export function Refusals({ refused }: { refused: Refused[] }) {
  if (refused.length === 0) return null;
  return (
    <>
      <Title order={3} size="h6" mt="lg" mb="sm">
        Refused because
      </Title>
      <dl className={classes.codes}>
        {refused.map(({ code, words, count }) => (
          <div key={code} className={classes.code}>
            <dt title={code}>{words}</dt>
            <dd>{formatNumber(count)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
