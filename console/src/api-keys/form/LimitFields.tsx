import { NativeSelect, NumberInput, Switch, Textarea } from "@mantine/core";
import { FieldGroup } from "../../forms/FieldGroup";
import { rateWindows } from "../../forms/rateWindows";
import classes from "./KeyForm.module.css";
import type { KeyFormFields } from "./useKeyForm";

const MOST_CREDITS = 1e12;

/** How often, how many times, and from where the key may be used. */
export function LimitFields({ form }: { form: KeyFormFields }) {
  return (
    <FieldGroup legend="Limits">
      <RateFields form={form} />
      <CreditFields form={form} />
      <Switch
        label="Only from certain addresses"
        description="From elsewhere it is refused."
        {...form.getInputProps("limitsAddresses", { type: "checkbox" })}
      />
      {form.values.limitsAddresses && (
        <Textarea
          label="Addresses"
          description="IPv4, IPv6 or CIDR, one in a line, at most 20."
          placeholder={"203.0.113.0/24\n2001:db8::/32"}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          {...form.getInputProps("addresses")}
        />
      )}
    </FieldGroup>
  );
}

function RateFields({ form }: { form: KeyFormFields }) {
  const { limitsRate, rate } = form.values;
  return (
    <>
      <Switch
        label="Rate limit"
        description="So many requests in a time, spread evenly."
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
          <NumberInput
            label="At once"
            placeholder={rate.limit === "" ? "" : `Up to ${rate.limit}`}
            min={1}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            {...form.getInputProps("rate.burst")}
          />
        </div>
      )}
    </>
  );
}

function CreditFields({ form }: { form: KeyFormFields }) {
  const { limitsCredits, credits } = form.values;
  const number = { max: MOST_CREDITS, allowDecimal: false, allowNegative: false, hideControls: true };
  return (
    <>
      <Switch
        label="Credits"
        description="So many requests in all, until they are refilled."
        {...form.getInputProps("limitsCredits", { type: "checkbox" })}
      />
      {limitsCredits && (
        <div className={classes.numbers}>
          <NumberInput label="Left now" thousandSeparator {...number} {...form.getInputProps("credits.remaining")} />
          <NativeSelect
            label="Refilled"
            data={[
              { value: "", label: "Never" },
              { value: "daily", label: "Each day" },
              { value: "monthly", label: "Each month" },
            ]}
            {...form.getInputProps("credits.interval")}
          />
          {credits.interval && (
            <NumberInput
              label="Set to"
              min={1}
              thousandSeparator
              {...number}
              {...form.getInputProps("credits.amount")}
            />
          )}
        </div>
      )}
    </>
  );
}
