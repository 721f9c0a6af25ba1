import { Modal, Skeleton, Stack } from "@mantine/core";
import { ErrorNotice } from "./ErrorNotice";

/** The place of a dialog whose subject is being loaded, or why it couldn't be. */
export function PendingModal(props: {
  title: string;
  error: unknown;
  errorTitle: string;
  retry: () => void;
  onClose: () => void;
}) {
  const { title, error, errorTitle, retry, onClose } = props;
  return (
    <Modal opened onClose={onClose} title={title}>
      {error ? (
        <ErrorNotice error={error} title={errorTitle} retry={retry} />
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
