import { IconWebhook } from "@tabler/icons-react";
import { EmptyState } from "../ui/EmptyState";
import { PageHeader } from "../ui/PageHeader";

export default function WebhooksPage() {
  return (
    <>
      <PageHeader title="Webhooks" about="Addresses that are told when something happens." />
      <EmptyState icon={IconWebhook} title="No webhooks yet">
        Add the address of a system that should hear of events.
      </EmptyState>
    </>
  );
}
