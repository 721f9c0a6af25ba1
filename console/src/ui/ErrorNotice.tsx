import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import IconAlertTriangle from "~icons/tabler/alert-triangle";
import { ApiError } from "../api/problem";

/** What went wrong, what to do, and the request's id for the support. `title` says what was tried. */
export function ErrorNotice({ error, title, retry }: { error: unknown; title: string; retry?: () => void }) {
  const problem = error instanceof ApiError ? error : null;
  return (
    <Alert
      color="red"
      variant="outline"
      icon={<IconAlertTriangle />}
      title={title}
      role="alert"
      styles={{ title: { color: "var(--mantine-color-error)" } }}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem?.message ?? "Something unexpected happened. Reload the page."}</Text>
        {problem && problem.fields.length > 0 && (
          <ul>
            {problem.fields.map(({ pointer, detail }) => (
              <li key={pointer + detail}>
                <Code>{pointer}</Code> {detail}
              </li>
            ))}
          </ul>
        )}
        <Group gap="md">
          {retry && (
            <Button variant="default" size="xs" onClick={retry}>
              Try again
            </Button>
          )}
          {problem?.requestId && (
            <Text size="xs" c="dimmed">
              Request <Code>{problem.requestId}</Code>
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
