import { Container, Group, Menu, Select, Text, UnstyledButton } from "@mantine/core";
import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import IconChevronDown from "~icons/tabler/chevron-down";
import IconLogout from "~icons/tabler/logout";
import { useSession } from "../session/SessionContext";
import { useAccountId } from "../session/useAccountId";
import { SkeletonTable } from "../ui/SkeletonTable";
import { AccountLink, useAccountHref } from "../url/AccountLink";
import { Access } from "./Access";
import { Brand } from "./Brand";
import { ErrorBoundary } from "./ErrorBoundary";
import { NotFound } from "./NotFound";
import classes from "./Shell.module.css";
import { tabs } from "./tabs";

/** What stands around every screen: who is here, for which account, and the tabs. */
export function Shell() {
  const { session } = useSession();
  const { accountId } = useAccountId();
  return (
    <>
      <SkipLink />
      <header className={classes.header}>
        <Container size="xl" px={{ base: "md" }}>
          <Group h={60} justify="space-between" wrap="nowrap" gap="md">
            <Brand yielding={session.accounts.length > 1} />
            <Group gap="sm" wrap="nowrap" className={classes.person ?? ""}>
              <AccountSwitch />
              <PersonMenu />
            </Group>
          </Group>
          <nav className={classes.tabs} aria-label="Integrations">
            {tabs.map(({ path, title }) => (
              <AccountLink key={path} to={path} className={classes.tab}>
                {title}
              </AccountLink>
            ))}
          </nav>
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

function Screens() {
  const hrefOf = useAccountHref();
  return (
    <Switch>
      {tabs.map(({ path, Page }) => (
        <Route key={path} path={`${path}/*?`}>
          {/* In each route: what is left goes away at once, and isn't hidden until the next is loaded. */}
          <Suspense fallback={<SkeletonTable columns={["", "", ""]} />}>
            <Page />
          </Suspense>
        </Route>
      ))}
      <Route path="/">
        <Redirect to={hrefOf(tabs[0].path)} replace />
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

/** An advisor's accounts; who has one account has nothing to choose. */
function AccountSwitch() {
  const { session } = useSession();
  const { accountId, choose } = useAccountId();
  if (session.accounts.length < 2) return null;
  return (
    <Select
      aria-label="Account"
      data={session.accounts.map(({ id, name }) => ({ value: id, label: name }))}
      value={accountId}
      onChange={(id) => id && choose(id)}
      allowDeselect={false}
      searchable={session.accounts.length > 8}
      checkIconPosition="right"
      className={classes.account ?? ""}
    />
  );
}

function PersonMenu() {
  const { session, sessions } = useSession();
  const name = session.email ?? "Signed in";
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
