import { Alert, Button, Group, Text } from "@mantine/core";
import IconRestore from "~icons/tabler/restore";
import type { Webhook } from "../../../api/schema";
import { useMay } from "../../../session/useMe";
import { useDeliveryDialog } from "../useDeliveryDialog";
import { momentWords } from "../words";

/** After a webhook was enabled again: deliveries that failed or were missed can be sent again. */
export function RecoverBanner({ webhook }: { webhook: Webhook }) {
  const dialog = useDeliveryDialog();
  const mayRecover = useMay("webhooks:write");
  if (!mayRecover || webhook.recoverSince === null || webhook.status !== "active") return null;
  return (
    <Alert variant="default" icon={<IconRestore />} title="Recover what was missed?" mb="xl">
      <Group justify="space-between" gap="md">
        <Text size="sm" maw={560}>
          The webhook was off for a while. Deliveries since {momentWords(webhook.recoverSince)} may have failed or were
          never sent.
        </Text>
        <Button variant="default" onClick={() => dialog.open("recover")}>
          Recover deliveries
        </Button>
      </Group>
    </Alert>
  );
}
