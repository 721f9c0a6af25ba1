import { Input, SegmentedControl, Stack, Text } from "@mantine/core";
import { EventPicker } from "./EventPicker";
import type { WebhookFormFields } from "./useWebhookForm";
import classes from "./WebhookForm.module.css";

/** Which events it gets. */
export function EventFields({ form }: { form: WebhookFormFields }) {
  const { picks, events } = form.values;
  return (
    <fieldset className={classes.group}>
      <Stack gap="sm">
        <legend className={classes.legend}>Events</legend>
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
      </Stack>
    </fieldset>
  );
}
