import { Button, Group, Modal, Stack, Text } from "@mantine/core";

/** Said when a request was done, but its answer was lost, and the secret with it. */
export function LostSecret(props: {
  title: string;
  /** What is rotated to get another: "key". */
  what: string;
  onClose: () => void;
  onRotate: () => void;
}) {
  const { title, what, onClose, onRotate } = props;
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text>
          It was done the first time, but the answer got lost on its way, and the secret with it. A secret is shown only
          once: rotate the {what} to get another.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button onClick={onRotate} data-autofocus>
            Rotate the {what}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
