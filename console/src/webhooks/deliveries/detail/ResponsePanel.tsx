import { Text, Title } from "@mantine/core";
import type { Attempt } from "../../../api/schema";
import { Body } from "./Body";
import classes from "./Delivery.module.css";
import { Headers } from "./Headers";
import { hasLostBytes } from "./visibleText";

/** What the receiver answered, as text whatever it is. */
export function ResponsePanel({ attempt: { response } }: { attempt: Attempt }) {
  return (
    <section className={classes.side} aria-labelledby="response">
      <div className={classes.sideHead}>
        <Title order={3} size="h5" id="response">
          Response
        </Title>
      </div>
      {response === null ? (
        <Text size="sm" c="dimmed">
          No answer came.
        </Text>
      ) : (
        <>
          <p className={classes.line}>HTTP {response.status}</p>
          <Headers headers={response.headers} />
          {response.body === "" ? (
            <Text size="sm" c="dimmed">
              The answer had no body.
            </Text>
          ) : (
            <Body text={response.body} what="response body" isCut={response.truncated} />
          )}
          {hasLostBytes(response.body) && (
            <Text size="xs" c="dimmed">
              Bytes that are no text are shown, and copied, as �.
            </Text>
          )}
        </>
      )}
    </section>
  );
}
