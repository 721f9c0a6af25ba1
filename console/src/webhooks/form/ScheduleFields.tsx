import { Switch, TextInput } from "@mantine/core";
import { useSettings } from "../../app/SettingsContext";
import { MOST_WAITS, scheduleWords } from "./schedule";
import type { WebhookFormFields } from "./useWebhookForm";

/** When what failed is tried again: as the deployment does it, or on a schedule of its own. */
export function ScheduleFields({ form }: { form: WebhookFormFields }) {
  const { retryScheduleSeconds } = useSettings();
  return (
    <>
      <Switch
        label="Own retry schedule"
        description={`Without it, what failed is tried again after ${scheduleWords(retryScheduleSeconds)}.`}
        {...form.getInputProps("hasSchedule", { type: "checkbox" })}
      />
      {form.values.hasSchedule && (
        <TextInput
          label="Waits between attempts"
          description={`At most ${MOST_WAITS}, from 1 s to 24 h, each ±20%. Empty is one attempt alone.`}
          placeholder="30 s, 5 min, 1 h"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("schedule")}
        />
      )}
    </>
  );
}
