import { NativeSelect, Stack, TextInput } from "@mantine/core";
import { formatDay, formatExactTime } from "../../format/times";
import { dayOf } from "./expiry";
import type { KeyFormFields } from "./useKeyForm";
import { expiryOf } from "./values";

const CHOICES = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "date", label: "On a day" },
  { value: "never", label: "Never" },
];

/** When the key ends. `keeps` is the moment that it has already. */
export function ExpiryFields({ form, keeps }: { form: KeyFormFields; keeps?: string | null }) {
  const { expiry } = form.values;
  const kept = keeps ? [{ value: "keep", label: `As it is: ${formatDay(keeps)}` }] : [];
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Expires"
        description={words(form.values, keeps ?? null)}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={[...kept, ...CHOICES]}
        {...form.getInputProps("expiry")}
      />
      {expiry === "date" && (
        <TextInput
          type="date"
          label="Last day on which it works"
          min={dayOf(new Date())}
          {...form.getInputProps("lastDay")}
        />
      )}
    </Stack>
  );
}

function words(values: KeyFormFields["values"], keeps: string | null): string {
  if (values.expiry === "never") return "It works until somebody revokes it.";
  if (values.expiry === "keep") return keeps ? `Refused from ${formatExactTime(keeps)}.` : "";
  if (values.expiry === "date" && !values.lastDay) return "Refused from the day after on.";
  return `Refused from ${formatExactTime(expiryOf(values, new Date()) ?? "")}.`;
}
