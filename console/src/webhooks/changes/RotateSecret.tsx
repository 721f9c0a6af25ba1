import { Button, Group, Modal, NativeSelect, PasswordInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { fieldErrors } from "../../api/problem";
import type { RotateWebhookSecretBody, Webhook } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { type Repeatable, useRepeatable } from "../../forms/useRepeatable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { hostOf } from "../words";
import { type ChangeProps, OfWebhook } from "./OfWebhook";
import { overlaps, overlapWords, rotatedWords, USUAL_OVERLAP_SECONDS } from "./rotation";

export function RotateSecret({ id, onClose, onIssued }: ChangeProps) {
  return (
    <OfWebhook id={id} title="Rotate secret" onClose={onClose}>
      {(webhook) => <Question webhook={webhook} onClose={onClose} onIssued={onIssued} />}
    </OfWebhook>
  );
}

function Question({ webhook, onClose, onIssued }: Omit<ChangeProps, "id"> & { webhook: Webhook }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const { signatureHeaderPrefix } = useSettings();
  const [overlap, setOverlap] = useState(String(USUAL_OVERLAP_SECONDS));
  const [kind, setKind] = useState("made");
  const [own, setOwn] = useState("");
  const request = useRepeatable((chosen: RotateWebhookSecretBody) => chosen);
  const rotate = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<RotateWebhookSecretBody>) =>
      answered(
        api.POST("/webhooks/{id}/rotate-secret", {
          params: { path: { id: webhook.id }, header: { "Idempotency-Key": idempotencyKey } },
          body,
        }),
      ),
    gcTime: 0, // the answer has the secret
    onSuccess: (rotated, { body }) => {
      kept.keep(rotated);
      onIssued({
        id: webhook.id,
        title: `${hostOf(webhook)} has a new secret`,
        secret: rotated.secret ?? body.secret ?? null,
        about: rotatedWords(rotated),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rotate.isPending) {
      rotate.mutate(request({ gracePeriodSeconds: Number(overlap), secret: kind === "own" ? own : null }));
    }
  };
  return (
    <Modal opened onClose={onClose} title="Rotate secret">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text>
            Deliveries to <b>{hostOf(webhook)}</b> get a new secret
            {webhook.asymmetricSignatures && " and a new key pair"}.
          </Text>
          <NativeSelect
            label="The old one still signs for"
            data={overlaps}
            value={overlap}
            onChange={(event) => setOverlap(event.currentTarget.value)}
            data-autofocus
          />
          <Text size="sm" role="status" mih={66}>
            {overlapWords(Number(overlap), new Date())}
            {overlap !== "0" && ` ${signatureHeaderPrefix}-Signature has room for one: it is the new secret's at once.`}
          </Text>
          <SegmentedControl
            aria-label="New secret"
            data={[
              { value: "made", label: "Make a strong one" },
              { value: "own", label: "Use my own" },
            ]}
            value={kind}
            onChange={setKind}
          />
          {kind === "own" && (
            <PasswordInput
              label="Your own secret"
              description="16 to 256 characters."
              maxLength={256}
              autoComplete="off"
              spellCheck={false}
              value={own}
              onChange={(event) => setOwn(event.currentTarget.value)}
              error={fieldErrors(rotate.error).secret}
            />
          )}
          {rotate.error && <ErrorNotice error={rotate.error} title="The secret wasn't rotated" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rotate.isPending} disabled={kind === "own" && own.length < 16}>
              Rotate secret
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
