import { Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./PageHeader.module.css";

/** A screen's name, one sentence about it, and its main action. */
export function PageHeader({ title, about, action }: { title: string; about: ReactNode; action?: ReactNode }) {
  useDocumentTitle(`${title} · Integrations`);
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="xl">
      <div>
        <Title order={1} size="h2" className={classes.title ?? ""} title={title}>
          {title}
        </Title>
        <Text c="dimmed" maw={640} mt={4}>
          {about}
        </Text>
      </div>
      {action}
    </Group>
  );
}
