import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey, RotateKeyBody } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { type Repeatable, useRepeatable } from "../../forms/useRepeatable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useKeptKeys } from "../data/useKeptKeys";
import { type ChangeProps, OfKey } from "./OfKey";
import { graces, rotatedWords, rotationWords } from "./rotation";

export function RotateKey({ id, onClose, onIssued }: ChangeProps) {
  return (
    <OfKey id={id} title="Rotate key" onClose={onClose}>
      {(key) => <Question apiKey={key} onClose={onClose} onIssued={onIssued} />}
    </OfKey>
  );
}

function Question({ apiKey: key, onClose, onIssued }: Omit<ChangeProps, "id"> & { apiKey: ApiKey }) {
  const api = useApi();
  const kept = useKeptKeys();
  const { rotationGraceSeconds } = useSettings();
  const [grace, setGrace] = useState(String(rotationGraceSeconds));
  const request = useRepeatable((seconds: string): RotateKeyBody => ({ gracePeriodSeconds: Number(seconds) }));
  const rotate = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<RotateKeyBody>) =>
      answered(
        api.POST("/api-keys/{id}/rotate", {
          params: { path: { id: key.id }, header: { "Idempotency-Key": idempotencyKey } },
          body,
        }),
      ),
    gcTime: 0, // the answer has the secret
    onSuccess: (rotated) => {
      kept.keep(rotated);
      onIssued({
        id: key.id,
        title: `${key.name} is rotated`,
        secret: rotated.key,
        about: rotatedWords(rotated.previousKeyExpiresAt),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rotate.isPending) rotate.mutate(request(grace));
  };
  return (
    <Modal opened onClose={onClose} title="Rotate key">
      <form onSubmit={submit}>
        <Stack>
          <Text>
            <b>{key.name}</b> gets a new secret. Its settings and its history stay.
          </Text>
          <NativeSelect
            label="The old secret still works for"
            data={graces(rotationGraceSeconds)}
            value={grace}
            onChange={(event) => setGrace(event.currentTarget.value)}
            data-autofocus
          />
          <Text size="sm" role="status" mih={44}>
            {rotationWords(key, Number(grace), new Date())}
          </Text>
          {rotate.error && <ErrorNotice error={rotate.error} title="The key wasn't rotated" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rotate.isPending}>
              Rotate key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
