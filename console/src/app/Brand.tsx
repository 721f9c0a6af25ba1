import { Group, Text } from "@mantine/core";
import icon from "./icon.svg";

export function Brand() {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src={icon} width={28} height={28} alt="" />
      <Text fw={600} size="lg">
        Latchhook
      </Text>
    </Group>
  );
}
