import { Button, Code, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import IconArrowLeft from "~icons/tabler/arrow-left";
import { ApiError } from "../api/problem";
import { hostOf } from "../session/portal";
import type { SessionState } from "../session/sessions";
import { ErrorNotice } from "../ui/ErrorNotice";

/** What is shown instead of the screens: a link that does not work, or a portal session that has ended. */
export function PortalEnd({ state: { opening, left } }: { state: SessionState }) {
  const returnUrl = left?.returnUrl ?? null;
  const product = returnUrl ? hostOf(returnUrl) : "your product";
  const error = opening?.error;
  const title = opening ? "This link has expired" : "Your session has ended";
  useDocumentTitle(`${title} · Integrations`);
  if (error && !isRefused(error)) {
    return <ErrorNotice error={error} title={`The link couldn't be opened. Open it again from ${product}.`} />;
  }
  return (
    <Stack align="center" gap="sm" py={64} px="md" role="alert">
      <Title order={1} size="h3" ta="center">
        {title}
      </Title>
      <Text ta="center" c="dimmed" maw={440}>
        Open {opening ? "it" : "this page"} again from {product}.
      </Text>
      {returnUrl && <ReturnLink url={returnUrl} />}
      {error instanceof ApiError && error.requestId && (
        <Text size="xs" c="dimmed">
          Request <Code>{error.requestId}</Code>
        </Text>
      )}
    </Stack>
  );
}

/** The way back to the product. In a frame it replaces the embedding page. */
export function ReturnLink({ url }: { url: string }) {
  return (
    <Button
      component="a"
      href={url}
      target="_top"
      variant="default"
      size="xs"
      leftSection={<IconArrowLeft size={16} />}
    >
      Back to {hostOf(url)}
    </Button>
  );
}

/** Whether the API knows the code as used, expired or invalid. Other errors can pass. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}
