import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { CreateWebhookBody } from "../../api/schema";
import { useSettings } from "../../app/SettingsContext";
import { type Repeatable, useRepeatable } from "../../forms/useRepeatable";
import { FormDrawer } from "../../ui/FormDrawer";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { useWebhookForm } from "../form/useWebhookForm";
import { bodyOf, newWebhook } from "../form/values";
import { WebhookForm } from "../form/WebhookForm";
import { hostOf } from "../words";
import type { Issued } from "./WebhookDialogs";

export function CreateWebhook({ onClose, onIssued }: { onClose: () => void; onIssued: (issued: Issued) => void }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const form = useWebhookForm(newWebhook(useSettings().retryScheduleSeconds), null);
  const request = useRepeatable(bodyOf);
  const create = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<CreateWebhookBody>) =>
      answered(api.POST("/webhooks", { params: { header: { "Idempotency-Key": idempotencyKey } }, body })),
    gcTime: 0, // the answer has the secret
    onSuccess: (created, { body }) => {
      kept.keep(created);
      onIssued({
        id: created.id,
        title: `${hostOf(created)} is created`,
        secret: created.secret ?? body.secret ?? null,
      });
    },
  });
  return (
    <FormDrawer title="New webhook" isDirty={form.isDirty()} onClose={onClose}>
      <WebhookForm
        form={form}
        isNew
        submit="Create webhook"
        pending={create.isPending}
        error={create.error}
        errorTitle="The webhook wasn't created"
        onSubmit={(values) => create.mutate(request(values))}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
