import { Input, SegmentedControl, Text } from "@mantine/core";
import { FieldGroup } from "../../forms/FieldGroup";
import { EventPicker } from "./EventPicker";
import type { WebhookFormFields } from "./useWebhookForm";

/** Which events it gets. */
export function EventFields({ form }: { form: WebhookFormFields }) {
  const { picks, events } = form.values;
  return (
    <FieldGroup legend="Events">
      <SegmentedControl
        aria-label="Events"
        data={[
          { value: "all", label: "All events" },
          { value: "some", label: "Chosen ones" },
        ]}
        {...form.getInputProps("picks")}
      />
      {picks === "all" ? (
        <Text size="sm" c="dimmed">
          Everything that happens, also what comes later.
        </Text>
      ) : (
        <EventPicker value={events} onChange={(next) => form.setFieldValue("events", next)} />
      )}
      {form.errors.events && <Input.Error>{form.errors.events}</Input.Error>}
    </FieldGroup>
  );
}
