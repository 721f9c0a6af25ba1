import { Text } from "@mantine/core";
import { Link } from "wouter";
import type { Attempt } from "../../../api/schema";
import { StatusBadge } from "../../../ui/StatusBadge";
import { useAccountHref } from "../../../url/AccountLink";
import { Body } from "../detail/Body";
import { paths } from "../paths";
import { answerWord, attemptTone, attemptWord, durationWords, failureAdvice } from "../words";
import classes from "./SendTest.module.css";

/** What the receiver said to a test. */
export function TestAnswer({ attempt, isPending }: { attempt: Attempt | undefined; isPending: boolean }) {
  return (
    <div role="status">
      {isPending && (
        <Text size="sm" c="dimmed">
          Waiting for the receiver, 15 seconds at most…
        </Text>
      )}
      {!isPending && attempt && <Answered attempt={attempt} />}
    </div>
  );
}

function Answered({ attempt }: { attempt: Attempt }) {
  const hrefOf = useAccountHref();
  const advice = failureAdvice(attempt);
  return (
    <div className={classes.answer}>
      <div className={classes.head}>
        <StatusBadge tone={attemptTone(attempt.status)}>{attemptWord(attempt.status)}</StatusBadge>
        <Text size="sm">
          {answerWord(attempt)} in {durationWords(attempt)}
        </Text>
        <Link href={hrefOf(paths.delivery(attempt.webhookId, attempt.deliveryId))} className={classes.link ?? ""}>
          Request and response
        </Link>
      </div>
      {attempt.note && <Text size="sm">{attempt.note}</Text>}
      {attempt.errorMessage && (
        <Text size="sm">
          {attempt.errorMessage}. {advice}
        </Text>
      )}
      {attempt.response?.body && (
        <Body text={attempt.response.body} what="response body" isCut={attempt.response.truncated} />
      )}
      {attempt.response && attempt.response.body === "" && (
        <Text size="sm" c="dimmed">
          The answer had no body.
        </Text>
      )}
    </div>
  );
}
