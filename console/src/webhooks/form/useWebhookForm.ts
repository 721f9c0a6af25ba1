import { type UseFormReturnType, useForm } from "@mantine/form";
import { validated } from "./validation";
import type { WebhookValues } from "./values";

export type WebhookFormFields = UseFormReturnType<WebhookValues>;

/** `before` is the webhook that is changed; null for a new one. */
export function useWebhookForm(initial: WebhookValues, before: WebhookValues | null): WebhookFormFields {
  return useForm<WebhookValues>({ initialValues: initial, validate: (values) => validated(values, before) });
}
