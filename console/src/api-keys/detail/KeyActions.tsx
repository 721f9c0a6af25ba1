import { Button, Group } from "@mantine/core";
import type { ApiKey } from "../../api/schema";
import { useMay } from "../../session/useMe";
import { KeyMenu } from "../changes/KeyMenu";
import { useKeyDialog } from "../changes/useKeyDialog";

/** What is often done with a key stands open, the rest in a menu. A revoked key never changes. */
export function KeyActions({ apiKey: key }: { apiKey: ApiKey }) {
  const dialog = useKeyDialog();
  const mayChange = useMay("api-keys:write");
  if (key.status === "revoked" || !mayChange) return null;
  return (
    <Group gap="xs">
      <Button variant="default" onClick={() => dialog.open("edit", key.id)}>
        Edit
      </Button>
      <Button variant="default" onClick={() => dialog.open("rotate", key.id)}>
        Rotate
      </Button>
      <KeyMenu apiKey={key} isRest />
    </Group>
  );
}
