import { PasswordInput, SegmentedControl, Text } from "@mantine/core";
import { FieldGroup } from "../../forms/FieldGroup";
import type { WebhookFormFields } from "./useWebhookForm";

/** The signing secret: a strong one that is made, or the one that the receiver has already. */
export function SecretFields({ form }: { form: WebhookFormFields }) {
  return (
    <FieldGroup legend="Signing secret">
      <SegmentedControl
        aria-label="Signing secret"
        data={[
          { value: "made", label: "Make a strong one" },
          { value: "own", label: "Use my own" },
        ]}
        {...form.getInputProps("secretKind")}
      />
      {form.values.secretKind === "made" ? (
        <Text size="sm" c="dimmed">
          It is shown once, after the webhook is created.
        </Text>
      ) : (
        <PasswordInput
          label="Your own secret"
          description="16 to 256 characters, such as the whsec_… of another service."
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("secret")}
        />
      )}
    </FieldGroup>
  );
}
