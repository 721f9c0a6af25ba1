import { Container, Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import IconChevronDown from "~icons/tabler/chevron-down";
import IconLogout from "~icons/tabler/logout";
import type { Portal } from "../session/portal";
import { useSession } from "../session/SessionContext";
import { useAccountId } from "../session/useAccountId";
import { useAccounts, useMe, useOwnMe } from "../session/useMe";
import { AccountLink, useAccountHref } from "../url/AccountLink";
import { Access, isRefused } from "./Access";
import { AccountSwitch } from "./AccountSwitch";
import { Brand } from "./Brand";
import { ErrorBoundary } from "./ErrorBoundary";
import { NotFound } from "./NotFound";
import { ReturnLink } from "./PortalEnd";
import classes from "./Shell.module.css";
import { NoRight, TabScreen } from "./TabScreen";
import { useSessionTabs, useTabs } from "./tabs";

/** The frame of every screen: the user, the selected account and the tabs. */
export function Shell() {
  const { accountId } = useAccountId();
  const { portal } = useSession().session;
  return (
    <>
      <SkipLink />
      <header className={classes.header}>
        <Container size="xl" px={{ base: "md" }}>
          {portal ? <PortalHead portal={portal} /> : <Head />}
          <Tabs />
        </Container>
      </header>
      <Container size="xl" component="main" id="main" tabIndex={-1} py="xl" className={classes.main ?? ""}>
        <Access key={accountId}>
          <ErrorBoundary>
            <Screens />
          </ErrorBoundary>
        </Access>
      </Container>
    </>
  );
}

function Head() {
  return (
    <Group h={60} justify="space-between" wrap="nowrap" gap="md">
      <Brand yielding={useAccounts().length > 1} />
      <Group gap="sm" wrap="nowrap" className={classes.person ?? ""}>
        <AccountSwitch />
        <PersonMenu />
      </Group>
    </Group>
  );
}

/** The product around the console has the user and the account. Only the way back is here. */
function PortalHead({ portal: { returnUrl } }: { portal: Portal }) {
  if (!returnUrl) return null;
  return (
    <Group h={60}>
      <ReturnLink url={returnUrl} />
    </Group>
  );
}

function Tabs() {
  const allowed = useTabs();
  const bar = useRef<HTMLElement>(null);
  const [location] = useLocation();
  // A narrow screen shows some of the tabs, and scrolls to the others.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab of the location is marked by its link
  useEffect(() => {
    const tab = bar.current?.querySelector("[aria-current]")?.getBoundingClientRect();
    if (!bar.current || !tab) return;
    const { left, right } = bar.current.getBoundingClientRect();
    // Not scrollIntoView: it would also move the place from which the Tab key goes on.
    bar.current.scrollLeft += Math.min(0, tab.left - left) + Math.max(0, tab.right - right);
  }, [location, allowed.length]);
  if (isRefused(useMe().error)) return null;
  return (
    <nav ref={bar} className={classes.tabs} aria-label="Integrations">
      {allowed.map(({ path, title }) => (
        <AccountLink key={path} to={path} className={classes.tab}>
          {title}
        </AccountLink>
      ))}
    </nav>
  );
}

function Screens() {
  const hrefOf = useAccountHref();
  const [first] = useTabs();
  return (
    <Switch>
      {useSessionTabs().map((tab) => (
        <Route key={tab.path} path={`${tab.path}/*?`}>
          <TabScreen tab={tab} />
        </Route>
      ))}
      <Route path="/">
        {first ? <Redirect to={hrefOf(first.path)} replace /> : <NoRight title="You can't use this console" />}
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

function PersonMenu() {
  const { session, sessions } = useSession();
  const { data: me } = useOwnMe();
  const name = session.email ?? me?.email ?? me?.name ?? "Signed in";
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.menu ?? ""} aria-label={`${name}: account menu`}>
          <span className={classes.initial} aria-hidden>
            {name.slice(0, 1).toUpperCase()}
          </span>
          <IconChevronDown size={16} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => sessions.end()}>
          Sign out
          <Text span size="xs" c="dimmed" display="block" truncate>
            {name}
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Not a link: the document's base would make `#main` another page. */
function SkipLink() {
  return (
    <button type="button" className={classes.skip} onClick={() => document.getElementById("main")?.focus()}>
      Skip to content
    </button>
  );
}
