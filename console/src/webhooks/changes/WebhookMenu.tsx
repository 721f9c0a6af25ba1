import { ActionIcon, Menu } from "@mantine/core";
import IconDots from "~icons/tabler/dots";
import IconPencil from "~icons/tabler/pencil";
import IconPlayerPause from "~icons/tabler/player-pause";
import IconPlayerPlay from "~icons/tabler/player-play";
import IconRefresh from "~icons/tabler/refresh";
import IconTrash from "~icons/tabler/trash";
import type { Webhook } from "../../api/schema";
import { useMay } from "../../session/useMe";
import { hostOf } from "../words";
import { useActivate } from "./useActivate";
import { useWebhookDialog } from "./useWebhookDialog";

/** What can be done with a webhook. With `only` it stands beside a button that edits. */
export function WebhookMenu({ webhook, only = false }: { webhook: Webhook; only?: boolean }) {
  const dialog = useWebhookDialog();
  const activate = useActivate();
  const { id, status } = webhook;
  if (!useMay("webhooks:write")) return null;
  return (
    <Menu position="bottom-end" width={180} keepMounted={false}>
      <Menu.Target>
        <ActionIcon
          variant={only ? "default" : "subtle"}
          color="gray"
          size={36}
          aria-label={`Actions for ${hostOf(webhook)}`}
        >
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!only && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => dialog.open("edit", id)}>
            Edit
          </Menu.Item>
        )}
        {status === "active" ? (
          <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => dialog.open("pause", id)}>
            Pause
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => activate.mutate(webhook)}>
            {status === "paused" ? "Resume" : "Enable"}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => dialog.open("rotate", id)}>
          Rotate secret
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => dialog.open("delete", id)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
