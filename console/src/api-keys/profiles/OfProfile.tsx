import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import { queryKeys } from "../../api/queryKeys";
import type { PermissionProfile } from "../../api/schema";
import { PendingModal } from "../../ui/PendingModal";

/** A dialog about a profile as it is now; until that is known, the dialog's place. */
export function OfProfile(props: {
  id: string;
  title: string;
  onClose: () => void;
  children: (profile: PermissionProfile) => ReactNode;
}) {
  const { id, title, onClose, children } = props;
  const api = useApi();
  const { data, error, isFetchedAfterMount, refetch } = useQuery({
    queryKey: [...queryKeys.profiles, "one", id],
    queryFn: ({ signal }) => answered(api.GET("/permission-profiles/{id}", { params: { path: { id } }, signal })),
    refetchOnMount: "always",
    refetchOnWindowFocus: false, // what is being entered stands on what was read
  });
  if (data && isFetchedAfterMount && !error) return children(data);
  return (
    <PendingModal
      title={title}
      error={error}
      errorTitle="The profile couldn't be loaded"
      retry={() => void refetch()}
      onClose={onClose}
    />
  );
}
