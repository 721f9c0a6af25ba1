import { Title } from "@mantine/core";
import type { Attempt, Webhook } from "../../../api/schema";
import { formatExactTime } from "../../../format/times";
import { StatusBadge } from "../../../ui/StatusBadge";
import { answerWord, attemptTone, attemptWord, durationWords, failureAdvice, triggerWords } from "../words";
import classes from "./Delivery.module.css";
import { RequestPanel } from "./RequestPanel";
import { ResponsePanel } from "./ResponsePanel";
import { Waterfall } from "./Waterfall";

/** One attempt: how it went, where its time went, and what was said. */
export function AttemptView({ attempt, body, webhook }: { attempt: Attempt; body: string | null; webhook: Webhook }) {
  const advice = failureAdvice(attempt);
  return (
    <section aria-labelledby="attempt" className={classes.attempt}>
      <div className={classes.summary}>
        <Title order={2} size="h4" id="attempt">
          Attempt {attempt.attempt}
        </Title>
        <StatusBadge tone={attemptTone(attempt.status)}>{attemptWord(attempt.status)}</StatusBadge>
      </div>
      {attempt.errorMessage && (
        <p className={classes.failure}>
          <b>{attempt.errorMessage}</b>
          {advice && <span>{advice}</span>}
        </p>
      )}
      {attempt.note && <p>{attempt.note}</p>}
      <dl className={classes.outcome}>
        <Outcome name="When" value={formatExactTime(attempt.createdAt)} />
        <Outcome name="Made for" value={triggerWords(attempt.trigger)} />
        <Outcome name="Answer" value={answerWord(attempt)} />
        <Outcome name="Took" value={durationWords(attempt)} />
        <Outcome name="Address" value={attempt.remoteAddress ?? "None reached"} />
      </dl>
      <Waterfall attempt={attempt} />
      <div className={classes.sides}>
        <RequestPanel attempt={attempt} body={body} webhook={webhook} />
        <ResponsePanel attempt={attempt} />
      </div>
    </section>
  );
}

function Outcome({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
