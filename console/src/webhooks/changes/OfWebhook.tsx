import { Modal, Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { Webhook } from "../../api/schema";
import { ErrorNotice } from "../../ui/ErrorNotice";
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
    <Modal opened onClose={onClose} title={title}>
      {error ? (
        <ErrorNotice error={error} title="The webhook couldn't be loaded" retry={() => void refetch()} />
      ) : (
        <Stack role="status" aria-label="Loading">
          <Skeleton height={20} />
          <Skeleton height={20} width="70%" />
          <Skeleton height={36} />
        </Stack>
      )}
    </Modal>
  );
}
