import { Button, Group } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { RevokeUnused } from "../bulk-revoke/RevokeUnused";

/** What can be done with keys as a whole; the main action stands last. */
export function KeysActions({ onCreate }: { onCreate: () => void }) {
  return (
    <Group gap="sm">
      <RevokeUnused />
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onCreate}>
        New key
      </Button>
    </Group>
  );
}
