import { Center, Group, Loader, Text } from "@mantine/core";

export function Waiting() {
  return (
    <Center h={240}>
      <Loader aria-label="Loading" />
    </Center>
  );
}

/** What is shown while the user returns to an app that was allowed before. */
export function Connecting({ name }: { name: string }) {
  return (
    <Center h={240} role="status">
      <Group gap="sm">
        <Loader size="sm" aria-hidden />
        <Text>Connecting {name}…</Text>
      </Group>
    </Center>
  );
}
