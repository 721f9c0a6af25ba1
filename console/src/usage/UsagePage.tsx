import { IconChartLine } from "@tabler/icons-react";
import { EmptyState } from "../ui/EmptyState";
import { PageHeader } from "../ui/PageHeader";

export default function UsagePage() {
  return (
    <>
      <PageHeader title="Usage" about="Requests and deliveries by day." />
      <EmptyState icon={IconChartLine} title="Nothing has been used yet">
        Once a key is used, its requests are counted here.
      </EmptyState>
    </>
  );
}
