import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import IconCheck from "~icons/tabler/check";
import type { AskingClient, ConsentScreen } from "../api/schema";
import { useScopes } from "../api-keys/data/useScopes";
import { formatDay } from "../format/times";
import { BusyButton } from "../ui/BusyButton";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Account } from "./Account";
import classes from "./Consent.module.css";
import type { Decision } from "./useDecision";

/** Who asks, for which account, for which rights, for how long, and the user's answer. */
export function Question(props: { client: AskingClient; screen: ConsentScreen; decision: Decision }) {
  const { client, screen, decision } = props;
  const { scopes, endsAt } = screen;
  const hasRights = scopes.length > 0;
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={1} size="h3">
          {client.name} wants to use your account
        </Title>
        <Text size="sm" c="dimmed">
          {client.isOperators ? "Registered by the platform." : "Registered by an admin of this account."} You return to{" "}
          <b>{client.redirectHost}</b>.
        </Text>
        <Links client={client} />
      </Stack>
      <Account />
      {hasRights ? (
        <Rights scopes={scopes} />
      ) : (
        <Text role="alert">You have none of the rights that the app asks for. Ask an admin of the account.</Text>
      )}
      {hasRights && endsAt && (
        <Text size="sm" c="dimmed">
          The app never has more rights than you have. Its access ends on {formatDay(endsAt)}, or when you disconnect
          it.
        </Text>
      )}
      {decision.error != null && <ErrorNotice error={decision.error} title="Your answer wasn't saved" />}
      <Group justify="flex-end" gap="sm">
        {hasRights ? (
          <>
            <BusyButton isBusy={false} isOff={decision.isBusy} onClick={decision.deny}>
              Deny
            </BusyButton>
            <BusyButton variant="filled" isBusy={decision.isBusy} onClick={decision.allow}>
              Allow
            </BusyButton>
          </>
        ) : (
          <Button variant="default" onClick={decision.deny}>
            Return to the app
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Links({ client }: { client: AskingClient }) {
  const links = [
    { href: client.clientUri, text: "Home page" },
    { href: client.policyUri, text: "Privacy policy" },
  ];
  const given = links.filter(({ href }) => href?.startsWith("https://"));
  if (given.length === 0) return null;
  return (
    <Group gap="md">
      {given.map(({ href, text }) => (
        <Anchor key={text} href={href ?? ""} target="_blank" rel="noreferrer noopener" size="sm">
          {text}
        </Anchor>
      ))}
    </Group>
  );
}

function Rights({ scopes }: { scopes: readonly string[] }) {
  const { scopes: catalogue } = useScopes();
  const wordsOf = new Map(catalogue.map(({ name, description }) => [name, description]));
  return (
    <Stack gap="xs">
      <Text fw={600} size="sm" id="rights">
        The app will be able to
      </Text>
      <ul className={classes.rights} aria-labelledby="rights">
        {scopes.map((scope) => (
          <li key={scope} className={classes.right}>
            <IconCheck size={18} />
            <span>
              {wordsOf.get(scope) ?? scope}
              {wordsOf.get(scope) && <span className={classes.scope}>{scope}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
