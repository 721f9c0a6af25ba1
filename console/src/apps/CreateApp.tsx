import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { CreateOAuthClientBody, OAuthClient } from "../api/schema";
import { type Repeatable, useRepeatable } from "../forms/useRepeatable";
import { FormDrawer } from "../ui/FormDrawer";
import { AppForm } from "./AppForm";
import { type AppValues, bodyOf, NEW_APP, validated } from "./values";

export function CreateApp(props: {
  onClose: () => void;
  /** The secret is null for an app without one, and if the answer to the first request got lost. */
  onCreated: (app: OAuthClient, secret: string | null) => void;
}) {
  const { onClose, onCreated } = props;
  const api = useApi();
  const queries = useQueryClient();
  const form = useForm<AppValues>({
    initialValues: NEW_APP,
    validate: validated,
    validateInputOnChange: ["redirectUris"],
  });
  const request = useRepeatable(bodyOf);
  const create = useMutation({
    mutationFn: ({ body, idempotencyKey }: Repeatable<CreateOAuthClientBody>) =>
      answered(api.POST("/oauth-clients", { params: { header: { "Idempotency-Key": idempotencyKey } }, body })),
    gcTime: 0, // the answer has the secret
    onSuccess: ({ secret, ...app }) => {
      void queries.invalidateQueries({ queryKey: queryKeys.apps });
      onCreated(app, secret);
    },
  });
  return (
    <FormDrawer title="New app" isDirty={form.isDirty()} onClose={onClose}>
      <AppForm
        form={form}
        isNew
        submit="Register app"
        pending={create.isPending}
        error={create.error}
        errorTitle="The app wasn't registered"
        onSubmit={(values) => create.mutate(request(values))}
        onCancel={onClose}
      />
    </FormDrawer>
  );
}
