import { Center, Loader, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import { lazy, Suspense, useEffect, useState } from "react";
import { Route, Router, Switch } from "wouter";
import { ApiProvider } from "../api/ApiContext";
import { SessionProvider, useSessionState } from "../session/SessionContext";
import type { SessionState, Sessions } from "../session/sessions";
import { ErrorNotice } from "../ui/ErrorNotice";
import { PortalEnd } from "./PortalEnd";
import { here } from "./place";
import { SettingsProvider, useSettings } from "./SettingsContext";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { fetchSettings, type Settings } from "./settings";
import { styleNonce } from "./styleNonce";
import { cssVariables, theme } from "./theme";
import { useFrame } from "./useFrame";

const ConsentPage = lazy(() => import("../consent/ConsentPage"));

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
  const state = useSessionState(sessions);
  const [settings, setSettings] = useState<Settings | Error | null>(null);
  useEffect(() => {
    fetchSettings().then(setSettings, (error: Error) => setSettings(error));
  }, []);
  if (settings instanceof Error) {
    return <ErrorNotice error={settings} title="The console can't be started" retry={() => window.location.reload()} />;
  }
  if (!settings) return <Waiting />;
  return (
    <SettingsProvider value={settings}>
      <Content sessions={sessions} state={state} />
    </SettingsProvider>
  );
}

function Content({ sessions, state }: { sessions: Sessions; state: SessionState }) {
  const { session, ended, problem, opening, left } = state;
  useFrame(state, useSettings().frameAncestors);
  if (opening?.error === null) return <Waiting />;
  if (opening || left) return <PortalEnd state={state} />;
  if (!session) return <SignIn sessions={sessions} ended={ended} problem={problem} />;
  return (
    <SessionProvider session={session} sessions={sessions} key={session.token}>
      <ApiProvider>
        <Switch>
          <Route path="/authorize">
            <Suspense fallback={<Waiting />}>
              <ConsentPage />
            </Suspense>
          </Route>
          <Route>
            <Shell />
          </Route>
        </Switch>
      </ApiProvider>
    </SessionProvider>
  );
}

/** The height does not depend on the frame's. */
function Waiting() {
  return (
    <Center h={480}>
      <Loader aria-label="Loading" />
    </Center>
  );
}
