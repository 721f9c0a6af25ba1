import { Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import IconPlus from "~icons/tabler/plus";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import { useMay } from "../session/useMe";
import { ErrorNotice } from "../ui/ErrorNotice";
import { RelativeTime } from "../ui/RelativeTime";
import { useShownSecret } from "../ui/SecretOnce";
import { StatusBadge } from "../ui/StatusBadge";
import { AccountLink, useAccountHref } from "../url/AccountLink";
import { AppSecret, type IssuedSecret } from "./AppSecret";
import classes from "./Apps.module.css";
import { CreateApp } from "./CreateApp";
import { useAppDialog } from "./useAppDialog";
import { typeWords } from "./words";

const MOST = 100; // the limit of the API

/** The OAuth clients of the account. */
export function RegisteredApps() {
  const api = useApi();
  const dialog = useAppDialog();
  const hrefOf = useAccountHref();
  const [, goTo] = useLocation();
  const mayChange = useMay("oauth-clients:write");
  const issued = useShownSecret<IssuedSecret>();
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.apps, "list"],
    queryFn: ({ signal }) => answered(api.GET("/oauth-clients", { params: { query: { limit: MOST } }, signal })),
  });
  const leaveFor = (change?: string) => {
    const id = issued.shown?.id ?? "";
    issued.close();
    goTo(hrefOf(`/apps/${id}`, change ? { open: `${change}.${id}` } : {}));
  };
  return (
    <section aria-labelledby="registered">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4" id="registered">
          Registered in this account
        </Title>
        {mayChange && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => dialog.open("create")}>
            New app
          </Button>
        )}
      </Group>
      {error && <ErrorNotice error={error} title="The apps couldn't be loaded" retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={72} role="status" aria-label="Loading" />}
      {data?.data.length === 0 && (
        <Text c="dimmed">
          No app is registered. Register an app, so that users of this account can connect it with their own rights.
        </Text>
      )}
      {data && data.data.length > 0 && (
        <ul className={classes.list} aria-label="Registered in this account">
          {data.data.map((app) => (
            <li key={app.id} className={classes.row}>
              <AccountLink to={`/apps/${app.id}`} className={classes.name}>
                {app.name}
              </AccountLink>
              <div>{typeWords(app)}</div>
              <div className={classes.dimmed}>
                Created <RelativeTime time={app.createdAt} />
              </div>
              <div className={classes.actions}>
                {app.status === "disabled" && <StatusBadge tone="off">Disabled</StatusBadge>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {dialog.creates && (
        <CreateApp
          onClose={dialog.close}
          onCreated={(app, secret) => {
            dialog.close();
            if (app.type === "confidential") issued.show({ id: app.id, title: `${app.name} is registered`, secret });
            else goTo(hrefOf(`/apps/${app.id}`));
          }}
        />
      )}
      {issued.shown && (
        <AppSecret issued={issued.shown} onClose={() => leaveFor()} onRotate={() => leaveFor("rotate")} />
      )}
    </section>
  );
}
