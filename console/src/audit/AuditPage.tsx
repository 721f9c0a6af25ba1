import { IconHistory } from "@tabler/icons-react";
import { EmptyState } from "../ui/EmptyState";
import { PageHeader } from "../ui/PageHeader";

export default function AuditPage() {
  return (
    <>
      <PageHeader title="Audit" about="Who did what, and when." />
      <EmptyState icon={IconHistory} title="Nothing has happened yet">
        Every change to keys and webhooks is written down here.
      </EmptyState>
    </>
  );
}
