import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { formatDay } from "../../format/times";
import { FoundKeys } from "./FoundKeys";
import { keysWords, TYPED_FROM } from "./revoking";
import type { Found } from "./useRevokeUnused";

/** Which keys would be revoked; from some on, their number is typed, so that it is read. */
export function ConfirmFound(props: { found: Found; onConfirm: () => void; onBack: () => void; onCancel: () => void }) {
  const { found, onConfirm, onBack, onCancel } = props;
  const [text, setText] = useState("");
  const count = found.keys.length;
  const isTyped = count >= TYPED_FROM;
  const allowed = !isTyped || text.trim() === String(count);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (allowed) onConfirm();
  };
  if (count === 0) {
    return (
      <Stack>
        <Text role="status">Every key was used or created since {formatDay(found.unusedSince)}.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
          <Button onClick={onCancel} data-autofocus>
            Close
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text role="status">
          <b>{keysWords(count)}</b> {count === 1 ? "wasn't" : "weren't"} used since {formatDay(found.unusedSince)}.
        </Text>
        <FoundKeys keys={found.keys} />
        <Text>
          Requests with {count === 1 ? "it" : "them"} are refused from the next one on. This can't be undone. A key that
          is used before you confirm is kept.
        </Text>
        {isTyped && (
          <TextInput
            label={`Type ${count} to confirm`}
            inputMode="numeric"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoFocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack} autoFocus={!isTyped}>
            Back
          </Button>
          <Button type="submit" color="red.9" disabled={!allowed}>
            Revoke {keysWords(count)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
