import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import IconCheck from "~icons/tabler/check";
import IconCopy from "~icons/tabler/copy";

/** Copies `value`. `what` names it for everybody who can't see the icon: "the prefix". With `label` it is a button. */
export function CopyButton({ value, what, label }: { value: string; what: string; label?: string }) {
  const clipboard = useClipboard({ timeout: 2000 });
  const words = clipboard.error ? "Copying isn't allowed here" : clipboard.copied ? "Copied" : `Copy ${what}`;
  const icon = clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />;
  const copy = () => clipboard.copy(value);
  if (label) {
    return (
      <Button variant="default" leftSection={icon} onClick={copy} aria-live="polite">
        {clipboard.error ? words : clipboard.copied ? "Copied" : label}
      </Button>
    );
  }
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={words} aria-live="polite">
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
