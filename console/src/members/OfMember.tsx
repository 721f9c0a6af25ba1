import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { Member } from "../api/schema";
import { PendingModal } from "../ui/PendingModal";

/** A dialog about a member as it is now. A placeholder is shown while the member loads. */
export function OfMember(props: {
  id: string;
  title: string;
  onClose: () => void;
  children: (member: Member) => ReactNode;
}) {
  const { id, title, onClose, children } = props;
  const api = useApi();
  const { data, error, isFetchedAfterMount, refetch } = useQuery({
    queryKey: [...queryKeys.members, "one", id],
    queryFn: ({ signal }) => answered(api.GET("/members/{userId}", { params: { path: { userId: id } }, signal })),
    refetchOnMount: "always",
    refetchOnWindowFocus: false, // the input is based on what was read
  });
  if (data && isFetchedAfterMount && !error) return children(data);
  return (
    <PendingModal
      title={title}
      error={error}
      errorTitle="The member couldn't be loaded"
      retry={() => void refetch()}
      onClose={onClose}
    />
  );
}
