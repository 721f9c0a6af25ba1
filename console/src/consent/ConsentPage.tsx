import { Card, Center, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { ApiError } from "../api/problem";
import type { ConsentScreen } from "../api/schema";
import { Brand } from "../app/Brand";
import { useAccounts } from "../session/useMe";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Account } from "./Account";
import { Connecting, Waiting } from "./Connecting";
import { goTo } from "./goTo";
import { isFramed } from "./isFramed";
import { Question } from "./Question";
import { useDecision } from "./useDecision";

/** Asks the user to allow an app. `GET /oauth/authorize` leads here with the query of the app. */
export default function ConsentPage() {
  useDocumentTitle("Connect an app · Integrations");
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack w="100%" maw={480} gap="xl">
        <Brand />
        <Card withBorder padding="xl">
          {isFramed() ? <Framed /> : <Content query={window.location.search.slice(1)} />}
        </Card>
      </Stack>
    </Center>
  );
}

/** A page around this one could make the user click without knowing (RFC 9700, 4.16). The headers forbid it as well. */
function Framed() {
  return (
    <Stack role="alert">
      <Title order={1} size="h3">
        Open this page in a window of its own
      </Title>
      <Text>It doesn't work inside another page.</Text>
    </Stack>
  );
}

function Content({ query }: { query: string }) {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ["consent", query],
    queryFn: ({ signal }) => answered(api.POST("/oauth/consent-screen", { body: { query }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Refused error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting />;
  return <Answer query={query} screen={data} />;
}

/** An advisor can choose another account, because apps belong to accounts. */
function Refused({ error, retry }: { error: Error; retry: () => void }) {
  const hasChoice = useAccounts().length > 1;
  return (
    <Stack>
      <Title order={1} size="h3">
        The app can't be connected
      </Title>
      {hasChoice && <Account />}
      <ErrorNotice error={error} title="The request wasn't accepted" {...(isFinal(error) ? {} : { retry })} />
    </Stack>
  );
}

function isFinal(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function Answer({ query, screen }: { query: string; screen: ConsentScreen }) {
  const { redirectTo, client, isRemembered } = screen;
  const decision = useDecision(query);
  const { allow } = decision;
  useEffect(() => {
    if (redirectTo) goTo(redirectTo);
    else if (isRemembered) allow();
  }, [redirectTo, isRemembered, allow]);
  if (redirectTo || !client) return <Waiting />;
  if (isRemembered && !decision.error) return <Connecting name={client.name} />;
  return <Question client={client} screen={screen} decision={decision} />;
}
