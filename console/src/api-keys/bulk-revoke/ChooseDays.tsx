import { Button, Group, NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { keysWords } from "./revoking";

const CHOICES = ["30", "90", "180"];
const OTHER = "other";
const MOST_DAYS = 3650;

/** How long a key must have been unused. Nothing is revoked yet. */
export function ChooseDays(props: {
  days: string;
  soFar: number;
  pending: boolean;
  error: unknown;
  onFind: (days: number) => void;
  onCancel: () => void;
}) {
  const { days, soFar, pending, error, onFind, onCancel } = props;
  const [choice, setChoice] = useState(CHOICES.includes(days) ? days : OTHER);
  const [other, setOther] = useState<string | number>(CHOICES.includes(days) ? "" : days);
  const chosen = Number(choice === OTHER ? other : choice);
  const isGood = Number.isInteger(chosen) && chosen >= 1 && chosen <= MOST_DAYS;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood && !pending) onFind(chosen);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>Keys that were neither used nor created for so long. First you see which ones that are.</Text>
        <SegmentedControl
          aria-label="Not used for"
          fullWidth
          data={[...CHOICES.map((value) => ({ value, label: `${value} days` })), { value: OTHER, label: "Other" }]}
          value={choice}
          onChange={setChoice}
        />
        {choice === OTHER && (
          <NumberInput
            label="Days"
            description={`From 1 to ${MOST_DAYS.toLocaleString()}.`}
            min={1}
            max={MOST_DAYS}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            value={other}
            onChange={setOther}
            data-autofocus
          />
        )}
        {error != null && <ErrorNotice error={error} title="The keys couldn't be looked for" />}
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">
            {pending && soFar > 0 ? `${keysWords(soFar)} so far…` : ""}
          </Text>
          <Group>
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isGood} loading={pending} data-autofocus={choice !== OTHER || undefined}>
              Show keys
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
