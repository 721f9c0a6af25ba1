import { Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { OAuthClient, OAuthGrant } from "../api/schema";
import { usePagedList } from "../api/usePagedList";
import { durationWords } from "../format/durations";
import { useMay } from "../session/useMe";
import { BackLink } from "../ui/BackLink";
import { BusyButton } from "../ui/BusyButton";
import { Copied } from "../ui/Copied";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Fact, Facts, Lines } from "../ui/Facts";
import { PageHeader } from "../ui/PageHeader";
import { Pager } from "../ui/Pager";
import { RelativeTime } from "../ui/RelativeTime";
import { useShownSecret } from "../ui/SecretOnce";
import { StatusBadge } from "../ui/StatusBadge";
import { useReturnedFocus } from "../ui/useReturnedFocus";
import { useAccountHref } from "../url/AccountLink";
import { AppSecret, type IssuedSecret } from "./AppSecret";
import classes from "./Apps.module.css";
import { DeleteApp } from "./DeleteApp";
import { Disconnect } from "./Disconnect";
import { EditApp } from "./EditApp";
import { GrantRow } from "./GrantRow";
import { RotateSecret } from "./RotateSecret";
import { useAppDialog } from "./useAppDialog";
import { typeWords } from "./words";

/** One app: its settings, its users and its changes. */
export function AppScreen({ id }: { id: string }) {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.apps, "one", id],
    queryFn: ({ signal }) => answered(api.GET("/oauth-clients/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <>
      <BackLink to="/apps">Apps</BackLink>
      {error && <ErrorNotice error={error} title="The app couldn't be loaded" retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={240} role="status" aria-label="Loading" />}
      {data && <App app={data} />}
    </>
  );
}

function App({ app }: { app: OAuthClient }) {
  const dialog = useAppDialog();
  const issued = useShownSecret<IssuedSecret>();
  const hrefOf = useAccountHref();
  const [, goTo] = useLocation();
  const what = dialog.change?.what ?? null;
  useReturnedFocus(what !== null);
  return (
    <>
      <PageHeader title={app.name} about={typeWords(app)} action={<Actions app={app} open={dialog.open} />} />
      <Facts wide>
        <Fact name="Status">
          <StatusBadge tone={app.status === "active" ? "good" : "off"}>
            {app.status === "active" ? "Active" : "Disabled"}
          </StatusBadge>
        </Fact>
        <Fact name="Client ID">
          <Copied text={app.id} what="the client ID" />
        </Fact>
        {app.redirectUris.length > 0 && (
          <Fact name="Redirect URIs">
            <Lines of={app.redirectUris} />
          </Fact>
        )}
        <Fact name="Scopes">
          <Lines of={app.scopes} />
        </Fact>
        <Fact name="Access token">Valid for {durationWords(app.accessTokenSeconds)}</Fact>
        {app.grantTypes.includes("refresh_token") && (
          <Fact name="Connection">Lasts {durationWords(app.refreshTokenSeconds)}</Fact>
        )}
        <Fact name="Created">
          <RelativeTime time={app.createdAt} />
        </Fact>
        {app.type === "confidential" && (
          <Fact name="Secret">
            {app.secretRotatedAt ? (
              <>
                Rotated <RelativeTime time={app.secretRotatedAt} />
              </>
            ) : (
              "Never rotated"
            )}
          </Fact>
        )}
      </Facts>
      {app.grantTypes.includes("authorization_code") && <Users app={app} />}
      {what === "edit" && <EditApp app={app} onClose={dialog.close} />}
      {what === "rotate" && (
        <RotateSecret
          app={app}
          onClose={dialog.close}
          onRotated={(secret) => {
            dialog.close();
            issued.show({ id: app.id, title: `${app.name} has a new secret`, secret });
          }}
        />
      )}
      {what === "delete" && (
        <DeleteApp app={app} onClose={dialog.close} onDeleted={() => goTo(hrefOf("/apps"), { replace: true })} />
      )}
      {issued.shown && (
        <AppSecret
          issued={issued.shown}
          onClose={issued.close}
          onRotate={() => {
            issued.close();
            dialog.open("rotate", app.id);
          }}
        />
      )}
    </>
  );
}

function Actions({ app, open }: { app: OAuthClient; open: ReturnType<typeof useAppDialog>["open"] }) {
  const mayChange = useMay("oauth-clients:write");
  const api = useApi();
  const queries = useQueryClient();
  const isActive = app.status === "active";
  const change = useMutation({
    mutationFn: () =>
      answered(
        api.PATCH("/oauth-clients/{id}", {
          params: { path: { id: app.id } },
          body: { status: isActive ? "disabled" : "active" },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: queryKeys.apps }),
  });
  if (!mayChange) return null;
  return (
    <div>
      <Group gap="xs">
        <Button variant="default" onClick={() => open("edit", app.id)}>
          Edit
        </Button>
        {app.type === "confidential" && (
          <Button variant="default" onClick={() => open("rotate", app.id)}>
            Rotate secret
          </Button>
        )}
        <BusyButton isBusy={change.isPending} onClick={() => change.mutate()}>
          {isActive ? "Disable" : "Enable"}
        </BusyButton>
        <Button variant="default" onClick={() => open("delete", app.id)}>
          Delete
        </Button>
      </Group>
      {change.error && <ErrorNotice error={change.error} title="The status wasn't changed" />}
    </div>
  );
}

/** The users who have connected the app. */
function Users({ app }: { app: OAuthClient }) {
  const api = useApi();
  const dialog = useAppDialog();
  const mayChange = useMay("oauth-clients:write");
  const list = usePagedList<OAuthGrant>({
    queryKey: [...queryKeys.grants, "of", app.id],
    fetchPage: (page, signal) =>
      answered(api.GET("/oauth-grants", { params: { query: { ...page, clientId: app.id } }, signal })),
  });
  const { items, isPending, error, retry } = list;
  const chosen = dialog.change?.what === "disconnect" ? items.find(({ id }) => id === dialog.change?.id) : undefined;
  return (
    <section aria-labelledby="users" className={classes.users}>
      <Title order={2} size="h4" id="users" mb="xs">
        Connected users
      </Title>
      {error != null && <ErrorNotice error={error} title="The users couldn't be loaded" retry={retry} />}
      {isPending && <Skeleton height={72} role="status" aria-label="Loading" />}
      {!isPending && items.length === 0 && error == null && (
        <Text c="dimmed">{list.toNext ? "No user on this page." : "No user has connected this app."}</Text>
      )}
      {items.length > 0 && (
        <ul className={classes.list} aria-label="Connected users" aria-busy={list.isStale}>
          {items.map((grant) => (
            <GrantRow
              key={grant.id}
              grant={grant}
              name={grant.userId}
              {...(mayChange ? { onEnd: () => dialog.open("disconnect", grant.id) } : {})}
            />
          ))}
        </ul>
      )}
      <Pager list={list} />
      {chosen && <Disconnect grant={chosen} isOwn={false} onClose={dialog.close} />}
    </section>
  );
}
