import { Code, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { ApiError } from "../api/problem";
import { queryKeys } from "../api/queryKeys";
import { useSession } from "../session/SessionContext";

/** Says why somebody may not manage this account; nobody waits for the question. */
export function Access({ children }: { children: ReactNode }) {
  const api = useApi();
  const { session } = useSession();
  const { error } = useQuery({
    queryKey: queryKeys.access,
    queryFn: ({ signal }) => answered(api.GET("/api-keys", { params: { query: { limit: 1 } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!(error instanceof ApiError) || error.status !== 403) return children;
  return (
    <Stack align="center" gap="sm" py={64} role="alert">
      <Title order={1} size="h3">
        You can't manage integrations here
      </Title>
      <Text ta="center" maw={440}>
        {error.message}
      </Text>
      <Text ta="center" c="dimmed" maw={440}>
        {session.role ? `Your role is ${session.role}. ` : ""}Ask an admin of the account if you need access.
      </Text>
      {error.requestId && (
        <Text size="xs" c="dimmed">
          Request <Code>{error.requestId}</Code>
        </Text>
      )}
    </Stack>
  );
}
