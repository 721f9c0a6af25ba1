import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { Webhook } from "../../api/schema";
import { Allowed } from "../../session/Allowed";
import { Copied } from "../../ui/Copied";
import { useWebhookDialog } from "../changes/useWebhookDialog";

/** What signs a webhook's deliveries: its secret, which is never shown again, and its public keys, which may be read. */
export function Signing({ webhook }: { webhook: Webhook }) {
  const dialog = useWebhookDialog();
  return (
    <Card withBorder padding="lg">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h5">
          Signing
        </Title>
        <Allowed to="webhooks:write">
          <Button variant="default" size="xs" onClick={() => dialog.open("rotate", webhook.id)}>
            Rotate secret
          </Button>
        </Allowed>
      </Group>
      <Stack gap="sm">
        <Text size="sm">Each delivery is signed with the webhook's secret. It was shown once, when it was made.</Text>
        {webhook.asymmetricSignatures && (
          <div>
            <Text size="sm" c="dimmed" mb={4}>
              {webhook.publicKeys.length > 1 ? "Public keys (Ed25519), the newest first" : "Public key (Ed25519)"}
            </Text>
            {webhook.publicKeys.map((key) => (
              <Copied key={key} text={key} what="the public key" />
            ))}
          </div>
        )}
      </Stack>
    </Card>
  );
}
