import { Button, Drawer, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import classes from "./FormDrawer.module.css";

/** A form beside the list. Leaving it asks first where something was entered. */
export function FormDrawer(props: { title: string; isDirty: boolean; onClose: () => void; children: ReactNode }) {
  const { title, isDirty, onClose, children } = props;
  const [asks, setAsks] = useState(false);
  const leave = () => (isDirty ? setAsks(true) : onClose());
  return (
    <>
      <Drawer
        opened
        onClose={leave}
        title={title}
        position="right"
        size={600}
        closeOnEscape={!asks}
        classNames={{ content: classes.drawer ?? "", body: classes.body ?? "" }}
      >
        {children}
      </Drawer>
      {/* Mounted once it asks: else it would hear the Esc that made it ask, and close. */}
      {asks && (
        <Modal opened onClose={() => setAsks(false)} title="Discard what you entered?">
          <Stack>
            <Text>Nothing of it has been saved.</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Discard
              </Button>
              <Button onClick={() => setAsks(false)} data-autofocus>
                Keep editing
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}
