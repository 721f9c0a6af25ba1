import { Card, Text, Title } from "@mantine/core";
import type { Delivery, Webhook } from "../../../api/schema";
import { answerWord, attemptTone, attemptWord, momentWords, triggerWords } from "../words";
import classes from "./Delivery.module.css";
import { NextAttempt } from "./NextAttempt";

const MOST_SHOWN = 100; // the API has no more

/** A delivery's attempts, the newest on top, and what comes next above them. */
export function Timeline(props: {
  delivery: Delivery;
  webhook: Webhook;
  chosen: number;
  awaited: number | null;
  onChoose: (attempt: number) => void;
}) {
  const { delivery, webhook, chosen, awaited, onChoose } = props;
  const { attempts } = delivery;
  return (
    <Card withBorder padding="lg" component="section" aria-label="Attempts">
      <Title order={2} size="h5" mb="sm">
        Attempts
      </Title>
      <NextAttempt delivery={delivery} webhook={webhook} awaited={awaited} />
      <ol className={classes.timeline} reversed start={attempts[0]?.attempt ?? 1}>
        {attempts.map((attempt) => (
          <li key={attempt.id} className={classes.step} data-tone={attemptTone(attempt.status)}>
            <button
              type="button"
              className={classes.choose}
              aria-current={attempt.attempt === chosen ? "true" : undefined}
              onClick={() => onChoose(attempt.attempt)}
            >
              <span className={classes.stepHead}>
                <span>
                  <b>Attempt {attempt.attempt}</b> {attemptWord(attempt.status).toLowerCase()}
                </span>
                <span className={classes.dimmed}>{answerWord(attempt)}</span>
              </span>
              <span className={classes.dimmed}>
                {triggerWords(attempt.trigger)} · {momentWords(attempt.createdAt)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {attempts.length >= MOST_SHOWN && (
        <Text size="sm" c="dimmed" mt="xs">
          The newest {MOST_SHOWN} attempts. Earlier ones stand in the history.
        </Text>
      )}
    </Card>
  );
}
