import { NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { OAuthClient, RotateOAuthClientSecretBody } from "../api/schema";
import { graces } from "../api-keys/changes/rotation";
import { useSettings } from "../app/SettingsContext";
import { type Repeatable, useRepeatable } from "../forms/useRepeatable";
import { ConfirmModal } from "../ui/ConfirmModal";

export function RotateSecret(props: {
  app: OAuthClient;
  onClose: () => void;
  /** The secret is null if the answer to the first request got lost. */
  onRotated: (secret: string | null) => void;
}) {
  const { app, onClose, onRotated } = props;
  const api = useApi();
  const queries = useQueryClient();
  const { rotationGraceSeconds } = useSettings();
  const [grace, setGrace] = useState(String(rotationGraceSeconds));
  const request = useRepeatable(
    (seconds: string): RotateOAuthClientSecretBody => ({ gracePeriodSeconds: Number(seconds) }),
  );
  const rotate = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<RotateOAuthClientSecretBody>) =>
      answered(
        api.POST("/oauth-clients/{id}/rotate-secret", {
          params: { path: { id: app.id }, header: { "Idempotency-Key": idempotencyKey } },
          body,
        }),
      ),
    gcTime: 0, // the answer has the secret
    onSuccess: ({ secret }) => {
      void queries.invalidateQueries({ queryKey: queryKeys.apps });
      onRotated(secret);
    },
  });
  return (
    <ConfirmModal
      opened
      title="Rotate secret"
      confirm="Rotate secret"
      pending={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate(request(grace))}
      onClose={onClose}
    >
      <Stack>
        <Text>
          <b>{app.name}</b> gets a new secret. Its users stay connected.
        </Text>
        <NativeSelect
          label="The old secret still works for"
          data={graces(rotationGraceSeconds)}
          value={grace}
          onChange={(event) => setGrace(event.currentTarget.value)}
        />
      </Stack>
    </ConfirmModal>
  );
}
