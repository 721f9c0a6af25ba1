import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { OAuthClient } from "../api/schema";
import { mergePatch } from "../forms/mergePatch";
import { FormDrawer } from "../ui/FormDrawer";
import { AppForm } from "./AppForm";
import { type AppValues, patchable, validated, valuesOf } from "./values";

export function EditApp({ app, onClose }: { app: OAuthClient; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [before] = useState(() => valuesOf(app)); // the input is based on what was read
  const form = useForm<AppValues>({
    initialValues: before,
    validate: validated,
    validateInputOnChange: ["redirectUris"],
  });
  const save = useMutation({
    mutationFn: (values: AppValues) =>
      answered(
        api.PATCH("/oauth-clients/{id}", {
          params: { path: { id: app.id } },
          body: mergePatch(patchable(before), patchable(values)),
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.apps });
      notifications.show({ message: "The changes apply to the app's next request." });
      onClose();
    },
  });
  return (
    <FormDrawer title={`Edit ${app.name}`} isDirty={form.isDirty()} onClose={onClose}>
      <AppForm
        form={form}
        submit="Save"
        pending={save.isPending}
        error={save.error}
        errorTitle="The app wasn't changed"
        onSubmit={(values) => save.mutate(values)}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
