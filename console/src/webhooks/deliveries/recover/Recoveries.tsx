import { Button, Group } from "@mantine/core";
import IconRestore from "~icons/tabler/restore";
import type { Webhook } from "../../../api/schema";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { SkeletonTable } from "../../../ui/SkeletonTable";
import { useRecoveries } from "../data/useRecoveries";
import classes from "./Recoveries.module.css";
import { RecoveryCard } from "./RecoveryCard";

/** A webhook's recoveries: the one that runs, live, and all before it. */
export function Recoveries({ webhook }: { webhook: Webhook }) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecoveries(webhook.id);
  const recoveries = data?.pages.flatMap((page) => page.data) ?? [];
  if (error)
    return <ErrorNotice error={error} title="The recoveries couldn't be loaded" retry={() => void refetch()} />;
  if (isPending) return <SkeletonTable columns={["Recovery", ""]} rows={3} />;
  if (recoveries.length === 0) return <None isActive={webhook.status === "active"} />;
  return (
    <>
      <ul className={classes.recoveries} aria-label="Recoveries">
        {recoveries.map((recovery) => (
          <RecoveryCard key={recovery.id} recovery={recovery} />
        ))}
      </ul>
      {hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
            Show earlier ones
          </Button>
        </Group>
      )}
    </>
  );
}

function None({ isActive }: { isActive: boolean }) {
  return (
    <EmptyState icon={IconRestore} title="No recovery yet">
      After a receiver was down, a recovery sends again what failed, or what came while the webhook was disabled.
      {!isActive && " The webhook must be active for it."}
    </EmptyState>
  );
}
