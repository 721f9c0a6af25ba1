import { Button, Group } from "@mantine/core";
import IconPlus from "~icons/tabler/plus";
import { Allowed } from "../../session/Allowed";
import { RevokeUnused } from "../bulk-revoke/RevokeUnused";

/** What can be done with keys as a whole; the main action stands last. */
export function KeysActions({ onCreate }: { onCreate: () => void }) {
  return (
    <Allowed to="api-keys:write">
      <Group gap="sm">
        <RevokeUnused />
        <Button leftSection={<IconPlus size={16} />} onClick={onCreate}>
          New key
        </Button>
      </Group>
    </Allowed>
  );
}
