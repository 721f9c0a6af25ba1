import { Suspense } from "react";
import IconLock from "~icons/tabler/lock";
import { useRights } from "../session/useMe";
import { EmptyState } from "../ui/EmptyState";
import { ErrorNotice } from "../ui/ErrorNotice";
import { SkeletonTable } from "../ui/SkeletonTable";
import type { Tab } from "./tabs";

const COLUMNS = ["", "", ""];

/** The page of a tab, or the reason why the caller cannot see it. */
export function TabScreen({ tab: { Page, title, scope } }: { tab: Tab }) {
  const { may } = useRights();
  if (scope !== null && !may(scope)) return <NoRight title={`You can't see ${title} here`} needs={scope} />;
  return (
    // In each route, so that the page that is left goes away at once.
    <Suspense fallback={<SkeletonTable columns={COLUMNS} />}>
      <Page />
    </Suspense>
  );
}

/** What is shown until the rights are known, and to a caller without the right. */
export function NoRight({ title, needs }: { title: string; needs?: string }) {
  const { isPending, error, retry } = useRights();
  if (isPending) return <SkeletonTable columns={COLUMNS} />;
  if (error) return <ErrorNotice error={error} title="Your rights couldn't be loaded" retry={retry} />;
  return (
    <EmptyState icon={IconLock} title={title}>
      {needs ? `This page needs the scope ${needs}. ` : "Your rights don't include any of its pages. "}
      Ask an admin of the account if you need access.
    </EmptyState>
  );
}
