import { Button, Group, Modal, NativeSelect, Radio, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import type { Webhook } from "../../../api/schema";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useAccountHref } from "../../../url/AccountLink";
import { useRecover } from "../data/useRecoveries";
import { paths } from "../paths";
import { momentWords } from "../words";
import { choices, OFFERED, OWN, ownProblem, sinceOf } from "./since";
import { onlyWords } from "./words";

/** Asks from when, and what, is delivered again. */
export function RecoverDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Recover deliveries">
      <Form webhook={webhook} onClose={onClose} />
    </Modal>
  );
}

function Form({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [offered] = useState(webhook.recoverSince); // it is gone once the recovery has begun
  const [choice, setChoice] = useState(offered ? OFFERED : "24");
  const [own, setOwn] = useState("");
  const [only, setOnly] = useState<"failed" | "missing" | "both">("both");
  const [problem, setProblem] = useState<string | null>(null);
  const [, navigate] = useLocation();
  const hrefOf = useAccountHref();
  const recover = useRecover(webhook.id, () => navigate(hrefOf(paths.recoveries(webhook.id)), { replace: true }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const now = new Date();
    const wrong = choice === OWN ? ownProblem(own, now) : null;
    setProblem(wrong);
    const since = sinceOf(choice, own, offered, now);
    if (!wrong && since && !recover.isPending) recover.mutate({ since, only: only === "both" ? null : only });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          What wasn't delivered is sent again under the same webhook-id, as long as its event is kept. What was
          delivered stays as it is.
        </Text>
        <NativeSelect
          label="Events since"
          data={choices(offered, momentWords)}
          value={choice}
          onChange={(event) => setChoice(event.currentTarget.value)}
          data-autofocus
        />
        {choice === OWN && (
          <TextInput
            type="datetime-local"
            label="Since when"
            value={own}
            onChange={(event) => setOwn(event.currentTarget.value)}
            error={problem}
          />
        )}
        <Radio.Group label="Which deliveries" value={only} onChange={(value) => setOnly(value as typeof only)}>
          <Stack gap="xs" mt="xs">
            <Radio value="both" label={onlyWords(null)} />
            <Radio value="failed" label="Failed only" />
            <Radio value="missing" label="Missed only, while the webhook was disabled" />
          </Stack>
        </Radio.Group>
        {recover.error && <ErrorNotice error={recover.error} title="The recovery wasn't started" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={recover.isPending}>
            Recover
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
