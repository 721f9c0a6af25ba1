import { Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import { useUserId } from "../session/useMe";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useReturnedFocus } from "../ui/useReturnedFocus";
import classes from "./Apps.module.css";
import { Disconnect } from "./Disconnect";
import { GrantRow } from "./GrantRow";
import { useAppDialog } from "./useAppDialog";

const MOST = 100; // the limit of the API

/** The apps that the user has connected. */
export function ConnectedApps() {
  const api = useApi();
  const userId = useUserId();
  const dialog = useAppDialog();
  useReturnedFocus(dialog.change !== null);
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.grants, "own", userId],
    queryFn: ({ signal }) => answered(api.GET("/oauth-grants", { params: { query: { userId, limit: MOST } }, signal })),
    enabled: userId !== "",
  });
  const chosen = dialog.change?.what === "disconnect" ? data?.data.find(({ id }) => id === dialog.change?.id) : null;
  return (
    <section aria-labelledby="connected">
      <Title order={2} size="h4" id="connected" mb="xs">
        Connected by you
      </Title>
      {error && <ErrorNotice error={error} title="Your apps couldn't be loaded" retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={72} role="status" aria-label="Loading" />}
      {data?.data.length === 0 && (
        <Text c="dimmed">You have connected no app. An app asks you on its own page, and you allow it here.</Text>
      )}
      {data && data.data.length > 0 && (
        <ul className={classes.list} aria-label="Connected by you">
          {data.data.map((grant) => (
            <GrantRow
              key={grant.id}
              grant={grant}
              name={grant.clientName}
              onEnd={() => dialog.open("disconnect", grant.id)}
            />
          ))}
        </ul>
      )}
      {chosen && <Disconnect grant={chosen} isOwn onClose={dialog.close} />}
    </section>
  );
}
