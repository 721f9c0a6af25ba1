import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { useSettings } from "../../app/SettingsContext";
import { FormDrawer } from "../../ui/FormDrawer";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { useWebhookForm } from "../form/useWebhookForm";
import { bodyOf, newWebhook, type WebhookValues } from "../form/values";
import { WebhookForm } from "../form/WebhookForm";
import { hostOf } from "../words";
import type { Issued } from "./WebhookDialogs";

export function CreateWebhook({ onClose, onIssued }: { onClose: () => void; onIssued: (issued: Issued) => void }) {
  const api = useApi();
  const kept = useKeptWebhooks();
  const form = useWebhookForm(newWebhook(useSettings().retryScheduleSeconds), null);
  const create = useMutation({
    mutationFn: (values: WebhookValues) => answered(api.POST("/webhooks", { body: bodyOf(values) })),
    gcTime: 0, // the answer has the secret
    onSuccess: (created) => {
      kept.keep(created);
      onIssued({ title: `${hostOf(created)} is created`, secret: created.secret });
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
        onSubmit={(values) => create.mutate(values)}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
