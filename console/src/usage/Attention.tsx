import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { type AllKeys, MOST_KEYS, useAllKeys } from "../api-keys/data/useAllKeys";
import { formatNumber } from "../format/numbers";
import { Allowed } from "../session/Allowed";
import { ErrorNotice } from "../ui/ErrorNotice";
import { PeriodControl, usePeriod } from "../ui/Period";
import { RelativeTime } from "../ui/RelativeTime";
import { AccountLink } from "../url/AccountLink";
import { expiring, unused } from "./counting";
import { KeyList } from "./KeyList";
import classes from "./Usage.module.css";
import { WaitingLines } from "./Waiting";

const UNUSED_DAYS = ["30", "90"];
const SOON_DAYS = 30;

/** Keys that nobody uses, and keys that end soon. */
export function Attention() {
  const all = useAllKeys({ enabled: true });
  const [now] = useState(() => new Date());
  const isWaiting = !all.isComplete && !all.isTooMany && all.error == null;
  return (
    <Stack>
      {all.error != null && <ErrorNotice error={all.error} title="The keys couldn't be loaded" retry={all.retry} />}
      {all.error == null && (
        <>
          <Unused all={all} isWaiting={isWaiting} now={now} />
          <Expiring all={all} isWaiting={isWaiting} now={now} />
        </>
      )}
    </Stack>
  );
}

interface Props {
  all: AllKeys;
  isWaiting: boolean;
  now: Date;
}

function Unused({ all, isWaiting, now }: Props) {
  const period = usePeriod("unused", UNUSED_DAYS);
  const { days } = period;
  const found = unused(all.keys, days, now);
  return (
    <Card withBorder padding="lg" component="section" aria-label="Unused keys">
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h5">
          Unused keys
        </Title>
        <PeriodControl period={period} label="Not used for" size="xs" />
      </Group>
      {isWaiting ? (
        <WaitingLines lines={3} />
      ) : (
        <>
          <KeyList
            keys={found}
            none={`No key has been unused for ${days} days.`}
            word={(key) => <RelativeTime time={key.lastUsedAt} never="Never used" />}
          />
          <TooMany all={all} />
          {found.length > 0 && (
            <Allowed to="api-keys:write">
              <AccountLink to="/api-keys" parameters={{ open: `revoke-unused.${days}` }} className={classes.action}>
                Revoke unused…
              </AccountLink>
            </Allowed>
          )}
        </>
      )}
    </Card>
  );
}

function Expiring({ all, isWaiting, now }: Props) {
  const found = expiring(all.keys, SOON_DAYS, now);
  return (
    <Card withBorder padding="lg" component="section" aria-label="Expire soon">
      <Title order={2} size="h5" mb="sm">
        Expire soon
      </Title>
      {isWaiting ? (
        <WaitingLines lines={3} />
      ) : (
        <>
          <KeyList
            keys={found}
            none={`No key expires in the next ${SOON_DAYS} days.`}
            word={(key) => <RelativeTime time={key.expiresAt} />}
          />
          <TooMany all={all} />
        </>
      )}
    </Card>
  );
}

function TooMany({ all }: { all: AllKeys }) {
  if (!all.isTooMany) return null;
  return (
    <Text size="sm" c="dimmed" mt="xs">
      Of the newest {formatNumber(MOST_KEYS)} keys; there are more.
    </Text>
  );
}
