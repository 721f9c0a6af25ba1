import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import IconPlus from "~icons/tabler/plus";
import IconUsers from "~icons/tabler/users";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { ListedMember } from "../api/schema";
import { usePagedList } from "../api/usePagedList";
import { useProfiles } from "../api-keys/data/useProfiles";
import { useMay, useUserId } from "../session/useMe";
import { EmptyState } from "../ui/EmptyState";
import { ErrorNotice } from "../ui/ErrorNotice";
import { PageHeader } from "../ui/PageHeader";
import { Pager } from "../ui/Pager";
import { useReturnedFocus } from "../ui/useReturnedFocus";
import { AddMember } from "./AddMember";
import { EditMember } from "./EditMember";
import { MemberRow } from "./MemberRow";
import classes from "./Members.module.css";
import { RemoveMember } from "./RemoveMember";
import { useMemberDialog } from "./useMemberDialog";

/** The stored members of the account. */
export function MembersScreen() {
  const api = useApi();
  const dialog = useMemberDialog();
  const mayChange = useMay("account-members:write");
  const own = useUserId();
  useReturnedFocus(dialog.creates || dialog.change !== null);
  const list = usePagedList<ListedMember>({
    queryKey: [...queryKeys.members, "page"],
    fetchPage: (query, signal) => answered(api.GET("/members", { params: { query }, signal })),
  });
  const { nameOf } = useProfiles({ enabled: list.items.some(({ profileId }) => profileId !== null) });
  const { items, isPending, error, retry } = list;
  const isEmpty = !isPending && !error && items.length === 0 && !list.toFirst;
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => dialog.open("create")}>
      Add member
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Members"
        about="Users with a role in this account. It has priority over the role in their sign-in."
        action={isEmpty ? undefined : add}
      />
      {error != null && <ErrorNotice error={error} title="The members couldn't be loaded" retry={retry} />}
      {isPending && <Waiting />}
      {isEmpty && (
        <EmptyState icon={IconUsers} title="No members yet" action={add}>
          Users have the rights that their sign-in gives them. Add a user as a member to set the rights here.
        </EmptyState>
      )}
      {items.length > 0 && (
        <ul className={classes.members} aria-label="Members" aria-busy={list.isStale}>
          {items.map((member) => (
            <MemberRow
              key={member.userId}
              member={member}
              profile={member.profileId ? nameOf(member.profileId) : undefined}
              isOwn={member.userId === own}
              mayChange={mayChange}
              onEdit={() => dialog.open("edit", member.userId)}
              onRemove={() => dialog.open("remove", member.userId)}
            />
          ))}
        </ul>
      )}
      <Pager list={list} />
      {dialog.creates && <AddMember onClose={dialog.close} />}
      {dialog.change?.what === "edit" && (
        <EditMember key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} />
      )}
      {dialog.change?.what === "remove" && (
        <RemoveMember key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} />
      )}
    </>
  );
}

function Waiting() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <div className={classes.members} aria-hidden>
        {[34, 26, 42, 30].map((width) => (
          <div key={width} className={classes.member}>
            <div className={classes.who}>
              <Skeleton height={12} my={6} width={`${width * 2}%`} />
              <Skeleton height={10} my={4} width={`${100 - width}%`} />
            </div>
            <Skeleton height={12} width="60%" />
          </div>
        ))}
      </div>
    </div>
  );
}
