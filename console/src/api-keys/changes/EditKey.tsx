import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey, PatchKeyBody } from "../../api/schema";
import { FormDrawer } from "../../ui/FormDrawer";
import { useKeptKeys } from "../data/useKeptKeys";
import { KeyForm } from "../form/KeyForm";
import { useKeyForm } from "../form/useKeyForm";
import { patchOf, valuesOf } from "../form/values";
import { type ChangeProps, OfKey } from "./OfKey";

export function EditKey({ id, onClose }: ChangeProps) {
  return (
    <OfKey id={id} title="Edit key" onClose={onClose}>
      {(key) => <Fields apiKey={key} onClose={onClose} />}
    </OfKey>
  );
}

/** Sends what was changed and nothing else: what others change at the same time is kept. */
function Fields({ apiKey: key, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const api = useApi();
  const kept = useKeptKeys();
  const [before] = useState(() => valuesOf(key));
  const form = useKeyForm(before);
  const edit = useMutation({
    mutationFn: (body: PatchKeyBody) =>
      answered(api.PATCH("/api-keys/{id}", { params: { path: { id: key.id } }, body })),
    onSuccess: (changed) => {
      kept.keep(changed);
      notifications.show({ message: `${changed.name} is changed. It holds from the next request on.` });
      onClose();
    },
  });
  return (
    <FormDrawer title="Edit key" isDirty={form.isDirty()} onClose={onClose}>
      <KeyForm
        form={form}
        keeps={key.expiresAt}
        submit="Save"
        pending={edit.isPending}
        error={edit.error}
        errorTitle="The key wasn't changed"
        onSubmit={(values) => {
          const patch = patchOf(before, values, new Date());
          if (Object.keys(patch).length > 0) edit.mutate(patch);
          else onClose();
        }}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
