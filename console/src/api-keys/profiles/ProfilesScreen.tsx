import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import IconPlus from "~icons/tabler/plus";
import IconShieldLock from "~icons/tabler/shield-lock";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import { Allowed } from "../../session/Allowed";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageHeader } from "../../ui/PageHeader";
import { useReturnedFocus } from "../../ui/useReturnedFocus";
import { KeySections } from "../KeySections";
import { CreateProfile } from "./CreateProfile";
import { DeleteProfile } from "./DeleteProfile";
import { EditProfile } from "./EditProfile";
import { ProfileRow } from "./ProfileRow";
import classes from "./Profiles.module.css";
import { useProfileDialog } from "./useProfileDialog";

const MOST_PROFILES = 100; // of an account: one page

/** The account's permission profiles. */
export default function ProfilesScreen() {
  const api = useApi();
  const dialog = useProfileDialog();
  useReturnedFocus(dialog.creates || dialog.change !== null);
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.profiles, "list"],
    queryFn: ({ signal }) =>
      answered(api.GET("/permission-profiles", { params: { query: { limit: MOST_PROFILES } }, signal })),
  });
  const create = (
    <Allowed to="api-keys:write">
      <Button leftSection={<IconPlus size={16} />} onClick={() => dialog.open("create")}>
        New profile
      </Button>
    </Allowed>
  );
  const profiles = data?.data ?? [];
  return (
    <>
      <PageHeader
        title="Permission profiles"
        about="Rules that keys share. A change binds on the next request of each of them."
        action={data && profiles.length > 0 ? create : undefined}
      />
      <KeySections />
      {error && !data && (
        <ErrorNotice error={error} title="The profiles couldn't be loaded" retry={() => void refetch()} />
      )}
      {!error && !data && <Waiting />}
      {data && profiles.length === 0 && (
        <EmptyState icon={IconShieldLock} title="No profiles yet" action={create}>
          With a profile, many keys may do the same, and one change is a change for all of them.
        </EmptyState>
      )}
      {profiles.length > 0 && (
        <ul className={classes.profiles} aria-label="Permission profiles">
          {profiles.map((profile) => (
            <ProfileRow
              key={profile.id}
              profile={profile}
              onEdit={() => dialog.open("edit", profile.id)}
              onDelete={() => dialog.open("delete", profile.id)}
            />
          ))}
        </ul>
      )}
      {dialog.creates && <CreateProfile onClose={dialog.close} />}
      {dialog.change?.what === "edit" && (
        <EditProfile key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} />
      )}
      {dialog.change?.what === "delete" && (
        <DeleteProfile key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} />
      )}
    </>
  );
}

function Waiting() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <div className={classes.profiles} aria-hidden>
        {[34, 26, 42].map((width) => (
          <div key={width} className={classes.profile}>
            <Skeleton height={12} my={6} width={`${width * 2}%`} />
            <Skeleton height={12} my={6} width={`${100 - width}%`} />
          </div>
        ))}
      </div>
    </div>
  );
}
