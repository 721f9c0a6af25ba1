import { Center, Loader, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import { useEffect, useState } from "react";
import { Router } from "wouter";
import { ApiProvider } from "../api/ApiContext";
import { SessionProvider, useSessionState } from "../session/SessionContext";
import type { Sessions } from "../session/sessions";
import { ErrorNotice } from "../ui/ErrorNotice";
import { here } from "./place";
import { SettingsProvider } from "./SettingsContext";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { fetchSettings, type Settings } from "./settings";
import { styleNonce } from "./styleNonce";
import { cssVariables, theme } from "./theme";

export function App({ sessions }: { sessions: Sessions }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
      withStaticClasses={false}
    >
      <Notifications position="bottom-right" />
      <Router base={here.path}>
        <Entrance sessions={sessions} />
      </Router>
    </MantineProvider>
  );
}

function Entrance({ sessions }: { sessions: Sessions }) {
  const { session, ended, problem } = useSessionState(sessions);
  const [settings, setSettings] = useState<Settings | Error | null>(null);
  useEffect(() => {
    fetchSettings().then(setSettings, (error: Error) => setSettings(error));
  }, []);
  if (settings instanceof Error) {
    return <ErrorNotice error={settings} title="The console can't be started" retry={() => window.location.reload()} />;
  }
  if (!settings) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return (
    <SettingsProvider value={settings}>
      {session ? (
        <SessionProvider session={session} sessions={sessions} key={session.token}>
          <ApiProvider>
            <Shell />
          </ApiProvider>
        </SessionProvider>
      ) : (
        <SignIn sessions={sessions} ended={ended} problem={problem} />
      )}
    </SettingsProvider>
  );
}
