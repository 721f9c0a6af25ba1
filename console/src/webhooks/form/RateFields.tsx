import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import { rateWindows } from "../../forms/rateWindows";
import type { WebhookFormFields } from "./useWebhookForm";
import classes from "./WebhookForm.module.css";

/** How often the receiver is called at most. */
export function RateFields({ form }: { form: WebhookFormFields }) {
  const { limitsRate, rate } = form.values;
  return (
    <>
      <Switch
        label="Rate limit"
        description="What is too much waits; nothing is dropped."
        {...form.getInputProps("limitsRate", { type: "checkbox" })}
      />
      {limitsRate && (
        <div className={classes.numbers}>
          <NumberInput
            label="Requests"
            min={1}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            {...form.getInputProps("rate.limit")}
          />
          <NativeSelect
            label="In"
            data={rateWindows(Number(rate.windowSeconds))}
            {...form.getInputProps("rate.windowSeconds")}
          />
        </div>
      )}
    </>
  );
}
