import type { ReactNode } from "react";
import type { ApiKey } from "../../api/schema";
import { PendingModal } from "../../ui/PendingModal";
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
    <PendingModal
      title={title}
      error={error}
      errorTitle="The key couldn't be loaded"
      retry={() => void refetch()}
      onClose={onClose}
    />
  );
}
