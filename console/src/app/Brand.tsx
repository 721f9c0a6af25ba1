import { Group, Text } from "@mantine/core";
import classes from "./Brand.module.css";
import icon from "./icon.svg";

/** The product's name; `yielding` on a narrow screen, where others need the place. */
export function Brand({ yielding = false }: { yielding?: boolean }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src={icon} width={28} height={28} alt={yielding ? "Latchhook" : ""} />
      <Text fw={600} size="lg" {...(yielding ? { className: classes.yielding ?? "", "aria-hidden": true } : {})}>
        Latchhook
      </Text>
    </Group>
  );
}
