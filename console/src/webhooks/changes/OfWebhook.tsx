import type { ReactNode } from "react";
import type { Webhook } from "../../api/schema";
import { PendingModal } from "../../ui/PendingModal";
import { useWebhook } from "../data/useWebhooks";
import type { Issued } from "./WebhookDialogs";

/** What every dialog about a webhook takes. */
export interface ChangeProps {
  id: string;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}

/** A dialog about a webhook as it is now; until that is known, the dialog's place. */
export function OfWebhook(props: {
  id: string;
  title: string;
  onClose: () => void;
  children: (webhook: Webhook) => ReactNode;
}) {
  const { id, title, onClose, children } = props;
  const { data, error, isFetchedAfterMount, refetch } = useWebhook(id, { fresh: true });
  if (data && isFetchedAfterMount && !error) return children(data);
  return (
    <PendingModal
      title={title}
      error={error}
      errorTitle="The webhook couldn't be loaded"
      retry={() => void refetch()}
      onClose={onClose}
    />
  );
}
