import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { CreateKeyBody } from "../../api/schema";
import { type Repeatable, useRepeatable } from "../../forms/useRepeatable";
import { FormDrawer } from "../../ui/FormDrawer";
import { useKeptKeys } from "../data/useKeptKeys";
import { KeyForm } from "../form/KeyForm";
import { useKeyForm } from "../form/useKeyForm";
import { bodyOf, type KeyValues, NEW_KEY } from "../form/values";
import type { Issued } from "./KeyDialogs";

export function CreateKey({ onClose, onIssued }: { onClose: () => void; onIssued: (issued: Issued) => void }) {
  const api = useApi();
  const kept = useKeptKeys();
  const form = useKeyForm(NEW_KEY);
  const request = useRepeatable((values: KeyValues) => bodyOf(values, new Date()));
  const create = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<CreateKeyBody>) =>
      answered(api.POST("/api-keys", { params: { header: { "Idempotency-Key": idempotencyKey } }, body })),
    gcTime: 0, // the answer has the secret
    onSuccess: (created) => {
      kept.keep(created);
      onIssued({ id: created.id, title: `${created.name} is created`, secret: created.key });
    },
  });
  return (
    <FormDrawer title="New key" isDirty={form.isDirty()} onClose={onClose}>
      <KeyForm
        form={form}
        submit="Create key"
        pending={create.isPending}
        error={create.error}
        errorTitle="The key wasn't created"
        onSubmit={(values) => create.mutate(request(values))}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
