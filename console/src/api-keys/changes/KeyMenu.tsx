import { Menu } from "@mantine/core";
import { type Ref, useRef, useState } from "react";
import IconBan from "~icons/tabler/ban";
import IconDots from "~icons/tabler/dots";
import IconPencil from "~icons/tabler/pencil";
import IconPlayerPause from "~icons/tabler/player-pause";
import IconPlayerPlay from "~icons/tabler/player-play";
import IconRefresh from "~icons/tabler/refresh";
import type { ApiKey } from "../../api/schema";
import { useMay } from "../../session/useMe";
import classes from "./KeyMenu.module.css";
import { useEnableKey } from "./useEnableKey";
import { useKeyDialog } from "./useKeyDialog";

interface Props {
  apiKey: ApiKey;
  /** Edit and rotate have buttons of their own beside it. */
  isRest?: boolean;
}

/** The actions of a key, made when the menu is opened. A revoked key has none. */
export function KeyMenu({ apiKey: key, isRest = false }: Props) {
  const [opened, setOpened] = useState(false);
  const wasOpened = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  const mayChange = useMay("api-keys:write");
  if (key.status === "revoked" || !mayChange) return null;
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  return (
    <span className={classes.place}>
      <button
        ref={button}
        type="button"
        className={classes.dots}
        data-framed={isRest || undefined}
        aria-label={`Actions for ${key.name}`}
        aria-haspopup="menu"
        aria-expanded={opened}
        // A press outside of the open menu closes it first.
        onMouseDown={() => {
          wasOpened.current = opened;
        }}
        onClick={() => {
          setOpened(!wasOpened.current);
          wasOpened.current = false;
        }}
      >
        <IconDots size={18} />
      </button>
      {opened && <Items apiKey={key} isRest={isRest} onClose={close} />}
    </span>
  );
}

function Items({ apiKey: key, isRest, onClose }: Props & { onClose: () => void }) {
  const dialog = useKeyDialog();
  const enable = useEnableKey();
  return (
    <Menu opened onClose={onClose} position="bottom-end" width={180} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Anchor />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Actions for ${key.name}`}>
        {!isRest && (
          <>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => dialog.open("edit", key.id)}>
              Edit
            </Menu.Item>
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => dialog.open("rotate", key.id)}>
              Rotate
            </Menu.Item>
          </>
        )}
        {key.status === "disabled" ? (
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => enable.mutate(key)}>
            Enable
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => dialog.open("disable", key.id)}>
            Disable
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconBan size={16} />}
          onClick={() => dialog.open("revoke", key.id)}
        >
          Revoke
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Where the menu hangs: what a target says of the menu, the button says already. */
function Anchor({ id, ref }: { id?: string; ref?: Ref<HTMLSpanElement> }) {
  return <span id={id} ref={ref} className={classes.anchor} />;
}
