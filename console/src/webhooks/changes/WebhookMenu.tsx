import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash } from "@tabler/icons-react";
import type { Webhook } from "../../api/schema";
import { hostOf } from "../words";
import { useActivate } from "./useActivate";
import { useWebhookDialog } from "./useWebhookDialog";

/** What can be done with a webhook. With `only` it stands beside a button that edits. */
export function WebhookMenu({ webhook, only = false }: { webhook: Webhook; only?: boolean }) {
  const dialog = useWebhookDialog();
  const activate = useActivate();
  const { id, status } = webhook;
  return (
    <Menu position="bottom-end" width={180} keepMounted={false}>
      <Menu.Target>
        <ActionIcon
          variant={only ? "default" : "subtle"}
          color="gray"
          size={36}
          aria-label={`Actions for ${hostOf(webhook)}`}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!only && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => dialog.open("edit", id)}>
            Edit
          </Menu.Item>
        )}
        {status === "active" ? (
          <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => dialog.open("pause", id)}>
            Pause
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => activate.mutate(webhook)}>
            {status === "paused" ? "Resume" : "Enable"}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => dialog.open("rotate", id)}>
          Rotate secret
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => dialog.open("delete", id)}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
