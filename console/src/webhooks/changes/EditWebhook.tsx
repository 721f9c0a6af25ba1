import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { PatchWebhookBody, Webhook } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { FormDrawer } from "../../ui/FormDrawer";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { useWebhookForm } from "../form/useWebhookForm";
import { patchOf, valuesOf } from "../form/values";
import { WebhookForm } from "../form/WebhookForm";
import { hostOf } from "../words";
import { type ChangeProps, OfWebhook } from "./OfWebhook";

export function EditWebhook({ id, onClose }: ChangeProps) {
  return (
    <OfWebhook id={id} title="Edit webhook" onClose={onClose}>
      {(webhook) => <Fields webhook={webhook} onClose={onClose} />}
    </OfWebhook>
  );
}

/** Sends what was changed and nothing else: what others change at the same time is kept. */
function Fields({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const { retryScheduleSeconds } = useSettings();
  const [before] = useState(() => valuesOf(webhook, retryScheduleSeconds));
  const form = useWebhookForm(before, before);
  const edit = useMutation({
    mutationFn: (body: PatchWebhookBody) =>
      answered(api.PATCH("/webhooks/{id}", { params: { path: { id: webhook.id } }, body })),
    gcTime: 0, // a header's value may be secret
    onSuccess: (changed) => {
      kept.keep(changed);
      notifications.show({ message: `${hostOf(changed)} is changed. It holds for what is sent from now on.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="Edit webhook" isDirty={form.isDirty()} onClose={onClose}>
      <WebhookForm
        form={form}
        isNew={false}
        submit="Save"
        pending={edit.isPending}
        error={edit.error}
        errorTitle="The webhook wasn't changed"
        onSubmit={(values) => {
          const patch = patchOf(before, values);
          if (Object.keys(patch).length > 0) edit.mutate(patch);
          else onClose();
        }}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
