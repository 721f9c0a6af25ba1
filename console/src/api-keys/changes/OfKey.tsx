import { Modal, Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { ApiKey } from "../../api/schema";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useKey } from "../data/useKey";
import type { Issued } from "./KeyDialogs";

/** What every dialog about a key takes. */
export interface ChangeProps {
  id: string;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}

/** A dialog about a key as it is now; until that is known, the dialog's place. */
export function OfKey(props: { id: string; title: string; onClose: () => void; children: (key: ApiKey) => ReactNode }) {
  const { id, title, onClose, children } = props;
  const { data, error, isFetchedAfterMount, refetch } = useKey(id, { fresh: true });
  if (data && isFetchedAfterMount && !error) return children(data);
  return (
    <Modal opened onClose={onClose} title={title}>
      {error ? (
        <ErrorNotice error={error} title="The key couldn't be loaded" retry={() => void refetch()} />
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
