import { Button, Group, Modal, Stack, Text } from "@mantine/core";

/** Said when a request was done, but its answer was lost, and the secret with it. */
export function LostSecret({ title, onClose, onRotate }: { title: string; onClose: () => void; onRotate: () => void }) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text>
          It was done the first time, but the answer got lost on its way, and the secret with it. A secret is shown only
          once: rotate the key to get another.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button onClick={onRotate} data-autofocus>
            Rotate the key
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
