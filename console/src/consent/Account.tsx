import { Group, Stack, Text } from "@mantine/core";
import { AccountSwitch } from "../app/AccountSwitch";
import { useSession } from "../session/SessionContext";
import { useAccounts, useMe } from "../session/useMe";

/** The account and the user. An advisor chooses the account. */
export function Account() {
  const { session } = useSession();
  const { data: me } = useMe();
  const accounts = useAccounts();
  const person = session.email ?? me?.email ?? me?.name ?? me?.userId ?? "";
  const account = accounts.find(({ id }) => id === me?.accountId)?.name ?? me?.accountId ?? "";
  return (
    <Stack gap={4}>
      {accounts.length > 1 ? (
        <Group gap="xs">
          <Text size="sm">Account</Text>
          <AccountSwitch />
        </Group>
      ) : (
        <Text size="sm">
          Account <b>{account}</b>
        </Text>
      )}
      {person && (
        <Text size="sm" c="dimmed">
          You are signed in as {person}.
        </Text>
      )}
    </Stack>
  );
}
