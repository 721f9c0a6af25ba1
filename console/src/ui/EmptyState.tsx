import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Icon } from "./icon";

/** What stands where there is nothing yet: what this would be, and what to do first. */
export function EmptyState(props: {
  icon: Icon;
  title: string;
  children: ReactNode;
  /** The button that does it. */
  action?: ReactNode;
}) {
  const { icon: Picture, title, children, action } = props;
  return (
    <Stack align="center" gap="sm" py={64} px="md">
      <ThemeIcon variant="default" size={48} radius="md" aria-hidden>
        <Picture size={24} stroke={1.5} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={440} component="div">
        {children}
      </Text>
      {action}
    </Stack>
  );
}
