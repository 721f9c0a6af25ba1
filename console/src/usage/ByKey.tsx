import { Button, Card, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { formatNumber } from "../format/numbers";
import { Sparkline } from "../ui/Sparkline";
import { AccountLink } from "../url/AccountLink";
import { mostUsed } from "./counting";
import type { UsageByKey } from "./data/useUsageByKey";
import classes from "./Usage.module.css";
import { WaitingLines } from "./Waiting";

const FIRST = 10;

/** The keys that had requests, with a line of their days; each leads to the key's own days. */
export function ByKey({ usage, days }: { usage: UsageByKey; days: number }) {
  const [shows, setShows] = useState(false);
  if (usage.isPending && usage.error != null) return null; // said above
  const used = mostUsed(usage.keys);
  return (
    <Card withBorder padding="lg" component="section" aria-label="By key">
      <Title order={2} size="h5" mb="xs">
        By key
      </Title>
      {usage.isPending && <WaitingLines lines={6} />}
      {!usage.isPending && used.length === 0 && (
        <Text size="sm" c="dimmed">
          No key was used in the last {days} days.
        </Text>
      )}
      {!usage.isPending && used.length > 0 && (
        <Table className={classes.keys ?? ""} aria-label="Requests by key" layout="fixed" highlightOnHover={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Key</Table.Th>
              <Table.Th className={classes.line ?? ""}>By day</Table.Th>
              <Table.Th className={classes.count ?? ""}>Requests</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(shows ? used : used.slice(0, FIRST)).map((key) => (
              <Table.Tr key={key.keyId}>
                <Table.Td>
                  <AccountLink
                    to={`/api-keys/${key.keyId}`}
                    parameters={days === 30 ? {} : { days: String(days) }}
                    className={classes.name}
                  >
                    {key.name}
                  </AccountLink>
                </Table.Td>
                <Table.Td className={classes.line ?? ""}>
                  <Sparkline
                    values={key.data.map(({ requests }) => requests)}
                    label={`${key.name}: ${formatNumber(key.requests)} in ${days} days`}
                  />
                </Table.Td>
                <Table.Td className={classes.count ?? ""}>{formatNumber(key.requests)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {used.length > FIRST && !shows && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setShows(true)}>
          Show all {formatNumber(used.length)}
        </Button>
      )}
    </Card>
  );
}
