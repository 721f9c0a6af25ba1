import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ErrorNotice } from "./ErrorNotice";

interface Props {
  opened: boolean;
  title: string;
  /** What will happen, and what can't be undone. */
  children: ReactNode;
  /** The verb of the button: "Revoke key". */
  confirm: string;
  /** What must be typed first, such as the name of what is lost; nothing for what is easily put right. */
  typed?: string;
  dangerous?: boolean;
  pending?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what can't be undone. It stays open while it works, and shows what went wrong. */
export function ConfirmModal({ opened, title, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Question title={title} onClose={onClose} {...rest} />
    </Modal>
  );
}

function Question({
  title,
  children,
  confirm,
  typed,
  dangerous,
  pending,
  error,
  onConfirm,
  onClose,
}: Omit<Props, "opened">) {
  const [text, setText] = useState("");
  const allowed = typed === undefined || text.trim() === typed.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (allowed && !pending) onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <div>{children}</div>
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to confirm`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {error != null && <ErrorNotice error={error} title={`${title}: it didn't work`} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={typed === undefined || undefined}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(dangerous ? { color: "red.9" } : {})}
            disabled={!allowed}
            loading={pending ?? false}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
