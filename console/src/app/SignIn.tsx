import { Alert, Button, Card, Center, Divider, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import type { SessionState, Sessions } from "../session/sessions";
import { type Supabase, signInWithPassword } from "../session/supabase";
import { Brand } from "./Brand";
import { useSettings } from "./SettingsContext";
import { SignInAs } from "./SignInAs";

/** Stands in the place of what was asked for, which is shown once there is a session. */
export function SignIn(props: { sessions: Sessions; ended: SessionState["ended"]; problem: string | null }) {
  const { sessions, ended, problem } = props;
  const { supabase, signInAsUrl } = useSettings();
  const [clockIsOff, setClockIsOff] = useState(false);
  const refused = clockIsOff ? "The session has ended already. Is this computer's clock right?" : problem;
  useDocumentTitle("Sign in · Integrations");
  const begin = (token: string) => {
    setClockIsOff(!sessions.begin(token));
  };
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack w="100%" maw={400} gap="xl">
        <Brand />
        <Card withBorder padding="xl">
          <Stack>
            <Title order={1} size="h3">
              Sign in
            </Title>
            {ended === "expired" && !refused && (
              <Alert variant="outline" role="status">
                Your session has ended. Sign in again and you are back where you were.
              </Alert>
            )}
            {ended === "signed-out" && !refused && (
              <Alert variant="outline" role="status">
                You are signed out.
              </Alert>
            )}
            {refused && (
              <Alert variant="outline" color="red" role="alert">
                {refused}
              </Alert>
            )}
            {supabase && <PasswordForm supabase={supabase} onToken={begin} />}
            {supabase && signInAsUrl && <Divider label="or" />}
            {signInAsUrl && <SignInAs url={signInAsUrl} onToken={begin} />}
            {!supabase && !signInAsUrl && (
              <Text>Open this page from your product: it signs you in on the way here.</Text>
            )}
          </Stack>
        </Card>
      </Stack>
    </Center>
  );
}

function PasswordForm({ supabase, onToken }: { supabase: Supabase; onToken: (token: string) => void }) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setPending(true);
    setError(null);
    try {
      onToken(await signInWithPassword(supabase, String(fields.get("email")), String(fields.get("password"))));
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setPending(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="E-mail" name="email" type="email" autoComplete="username" required withAsterisk={false} />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          error={error}
        />
        <Button type="submit" loading={pending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
