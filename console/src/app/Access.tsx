import { Code, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError } from "../api/problem";
import { useSession } from "../session/SessionContext";
import { useMe } from "../session/useMe";

/** Explains why the caller has no rights in the selected account. The screens do not wait for the answer. */
export function Access({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const { error } = useMe();
  if (!isRefused(error)) return children;
  return (
    <Stack align="center" gap="sm" py={64} role="alert">
      <Title order={1} size="h3" ta="center">
        You can't manage integrations here
      </Title>
      <Text ta="center" maw={440}>
        {error.message}
      </Text>
      <Text ta="center" c="dimmed" maw={440}>
        {session.role ? `The role in your session is ${session.role}. ` : ""}Ask an admin of the account if you need
        access.
      </Text>
      {error.requestId && (
        <Text size="xs" c="dimmed">
          Request <Code>{error.requestId}</Code>
        </Text>
      )}
    </Stack>
  );
}

/** Whether the caller has no rights in the account, or may not select it. */
export function isRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403;
}
