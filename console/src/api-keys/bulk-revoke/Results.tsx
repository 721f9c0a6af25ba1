import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { StatusBadge, type Tone } from "../../ui/StatusBadge";
import { FoundKeys } from "./FoundKeys";
import { countOf, type FoundKey, keysWords, type Outcome } from "./revoking";

const WORDS: Record<Outcome, string> = {
  revoked: "Revoked",
  kept: "Kept: used since",
  not_found: "Not there any more",
};
const TONES: Record<Outcome, Tone> = { revoked: "good", kept: "waiting", not_found: "off" };

/** What has become of each key so far. */
export function Results(props: {
  keys: readonly FoundKey[];
  outcomes: ReadonlyMap<string, Outcome>;
  pending: boolean;
  error: unknown;
  onGoOn: () => void;
  onClose: () => void;
}) {
  const { keys, outcomes, pending, error, onGoOn, onClose } = props;
  const left = keys.length - outcomes.size;
  return (
    <Stack>
      <Text role="status">{summary(keys.length, outcomes, pending)}</Text>
      <Progress
        value={(outcomes.size / keys.length) * 100}
        aria-label="Revoked so far"
        color={error == null ? "indigo" : "red.9"}
      />
      {error != null && (
        <ErrorNotice error={error} title={`${keysWords(left)} couldn't be revoked yet, or their answer was lost`} />
      )}
      <FoundKeys
        keys={keys}
        word={({ id }) => {
          const outcome = outcomes.get(id);
          if (outcome) return <StatusBadge tone={TONES[outcome]}>{WORDS[outcome]}</StatusBadge>;
          return <StatusBadge tone="off">{pending ? "Waiting" : "Not certain"}</StatusBadge>;
        }}
      />
      <Group justify="flex-end">
        <Button variant={error == null ? "filled" : "default"} onClick={onClose} disabled={pending}>
          Close
        </Button>
        {error != null && (
          <Button color="red.9" onClick={onGoOn} loading={pending}>
            Go on with {keysWords(left)}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function summary(all: number, outcomes: ReadonlyMap<string, Outcome>, pending: boolean): string {
  const [revoked, kept, gone] = [
    countOf(outcomes, "revoked"),
    countOf(outcomes, "kept"),
    countOf(outcomes, "not_found"),
  ];
  if (pending) return `${revoked.toLocaleString()} of ${keysWords(all)} revoked…`;
  const parts = [`${keysWords(revoked)} revoked`];
  if (kept > 0) parts.push(`${kept.toLocaleString()} kept, used since`);
  if (gone > 0) parts.push(`${gone.toLocaleString()} not there any more`);
  return `${parts.join(", ")}.`;
}
