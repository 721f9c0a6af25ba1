import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { ApiKey } from "../../api/schema";
import { NotFound } from "../../app/NotFound";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageHeader } from "../../ui/PageHeader";
import { StatusBadge } from "../../ui/StatusBadge";
import { KeyDialogs } from "../changes/KeyDialogs";
import { isMissing, useKey } from "../data/useKey";
import { statusTone, statusWord } from "../list/words";
import { BackToKeys } from "./BackToKeys";
import { KeyActions } from "./KeyActions";
import { KeyFacts } from "./KeyFacts";
import classes from "./KeyScreen.module.css";
import { KeyUsage } from "./KeyUsage";

/** One key: what it is, how it is used, and what can be done with it. */
export function KeyScreen({ id }: { id: string }) {
  const { data, error, refetch } = useKey(id);
  if (isMissing(error)) return <NotFound />;
  return (
    <>
      <BackToKeys />
      {error && !data && <ErrorNotice error={error} title="The key couldn't be loaded" retry={() => void refetch()} />}
      {!error && !data && <Waiting />}
      {data && <Shown apiKey={data} />}
      <KeyDialogs />
    </>
  );
}

function Shown({ apiKey: key }: { apiKey: ApiKey }) {
  return (
    <>
      <PageHeader
        title={key.name}
        about={
          <span className={classes.about}>
            <StatusBadge tone={statusTone(key.status)}>{statusWord(key.status)}</StatusBadge>
            {key.description && <span className={classes.description}>{key.description}</span>}
          </span>
        }
        action={<KeyActions apiKey={key} />}
      />
      <div className={classes.parts}>
        <KeyUsage id={key.id} requestCount={key.requestCount} />
        <KeyFacts apiKey={key} />
      </div>
    </>
  );
}

function Waiting() {
  return (
    <Stack role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton height={28} width={240} />
      <Skeleton height={18} width={120} mb="xl" />
      <Skeleton height={320} />
    </Stack>
  );
}
