import { Alert, Button, Checkbox, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import IconKey from "~icons/tabler/key";
import { CopyButton } from "./CopyButton";
import classes from "./SecretOnce.module.css";

/** A secret that is shown once: it lives in this state alone, and `close` forgets it. */
export interface ShownSecret<T> {
  shown: T | null;
  show: (value: T) => void;
  close: () => void;
}

/** Keep the answer with the secret here, never in the query cache: `mutate(…, { onSuccess: secret.show })`. */
export function useShownSecret<T>(): ShownSecret<T> {
  const [shown, show] = useState<T | null>(null);
  return { shown, show, close: () => show(null) };
}

/**
 * Shows a secret until its reader says that it is stored; neither Esc nor a click beside it closes it before. Mount it
 * only while there is a secret: `{secret.shown && <SecretOnce … />}`.
 */
export function SecretOnce(props: {
  title: string;
  secret: string;
  /** What it is: "API key". */
  what: string;
  /** A command that uses it, ready to be pasted. */
  command?: string;
  children?: ReactNode;
  onClose: () => void;
}) {
  const { title, secret, what, command, children, onClose } = props;
  const [stored, setStored] = useState(false);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (stored) return;
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [stored]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      withCloseButton={false}
      closeOnEscape={stored}
      closeOnClickOutside={false}
      transitionProps={{ duration: 0 }}
    >
      <Stack>
        <Alert variant="outline" icon={<IconKey />}>
          This is the only time that the {what} is shown. Store it now, where your other secrets are.
        </Alert>
        <Secret text={secret} what={`the ${what}`} />
        {command && (
          <Stack gap={4}>
            <Text size="sm" fw={500}>
              Try it
            </Text>
            <Secret text={command} what="the command" />
          </Stack>
        )}
        {children}
        <Group justify="space-between" mt="xs">
          <Checkbox
            label={`I have stored the ${what}`}
            checked={stored}
            onChange={(event) => setStored(event.currentTarget.checked)}
          />
          <Button onClick={onClose} disabled={!stored}>
            Done
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Secret({ text, what }: { text: string; what: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" className={classes.secret ?? ""}>
      <Code className={classes.text ?? ""}>{text}</Code>
      <CopyButton value={text} what={what} />
    </Group>
  );
}
