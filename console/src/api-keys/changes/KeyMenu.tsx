import { ActionIcon, Menu } from "@mantine/core";
import { IconBan, IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import type { ApiKey } from "../../api/schema";
import { useEnableKey } from "./useEnableKey";
import { useOpenDialog } from "./useOpenDialog";

/** What can be done with a key. A revoked one never changes, so that it has no menu. */
export function KeyMenu({ apiKey: key, only = false }: { apiKey: ApiKey; only?: boolean }) {
  const dialog = useOpenDialog();
  const enable = useEnableKey();
  if (key.status === "revoked") return null;
  return (
    <Menu position="bottom-end" width={180} keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant={only ? "default" : "subtle"} color="gray" size={36} aria-label={`Actions for ${key.name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!only && (
          <>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => dialog.open("edit", key.id)}>
              Edit
            </Menu.Item>
            <Menu.Item
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={() => dialog.open("rotate", key.id)}
            >
              Rotate
            </Menu.Item>
          </>
        )}
        {key.status === "disabled" ? (
          <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => enable.mutate(key)}>
            Enable
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => dialog.open("disable", key.id)}
          >
            Disable
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconBan size={16} aria-hidden />}
          onClick={() => dialog.open("revoke", key.id)}
        >
          Revoke
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
