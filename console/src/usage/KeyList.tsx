import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ApiKey } from "../api/schema";
import { formatNumber } from "../format/numbers";
import { AccountLink } from "../url/AccountLink";
import classes from "./Usage.module.css";

const FIRST = 6;

/** Some keys with a word on each; `none` is what is said where there is none. */
export function KeyList(props: { keys: ApiKey[]; none: string; word: (key: ApiKey) => ReactNode }) {
  const { keys, none, word } = props;
  if (keys.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {none}
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.list}>
        {keys.slice(0, FIRST).map((key) => (
          <li key={key.id} className={classes.entry}>
            <AccountLink to={`/api-keys/${key.id}`} className={classes.name}>
              {key.name}
            </AccountLink>
            <span className={classes.word}>{word(key)}</span>
          </li>
        ))}
      </ul>
      {keys.length > FIRST && (
        <Text size="sm" c="dimmed" mt="xs">
          and {formatNumber(keys.length - FIRST)} more
        </Text>
      )}
    </>
  );
}
