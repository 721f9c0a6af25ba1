import { ActionIcon, Badge, Tooltip, UnstyledButton } from "@mantine/core";
import IconPencil from "~icons/tabler/pencil";
import IconTrash from "~icons/tabler/trash";
import type { ListedMember } from "../api/schema";
import { RelativeTime } from "../ui/RelativeTime";
import classes from "./Members.module.css";
import { clientsWords, nameOf, roleWord } from "./words";

/** A member with its role and profile. `profile` is undefined while its name is not known. */
export function MemberRow(props: {
  member: ListedMember;
  profile: string | undefined;
  isOwn: boolean;
  mayChange: boolean;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { member, profile, isOwn, mayChange, onEdit, onRemove } = props;
  const { role, clientAccountCount, profileId } = member;
  const name = nameOf(member);
  const others = [member.email, member.userId].filter((text) => text && text !== name);
  return (
    <li className={classes.member}>
      <div className={classes.who}>
        <span className={classes.line}>
          {mayChange ? (
            <UnstyledButton className={classes.name ?? ""} onClick={onEdit}>
              {name}
            </UnstyledButton>
          ) : (
            <span className={classes.name}>{name}</span>
          )}
          {isOwn && (
            <Badge variant="default" size="sm">
              You
            </Badge>
          )}
        </span>
        {others.map((text) => (
          <span key={text} className={text === member.userId ? classes.id : classes.dimmed}>
            {text}
          </span>
        ))}
      </div>
      <div className={classes.role}>
        <span>{roleWord(role)}</span>
        {clientAccountCount > 0 && <span className={classes.dimmed}>{clientsWords(clientAccountCount)}</span>}
      </div>
      <div className={profileId ? classes.profile : classes.dimmed}>
        {profileId ? (profile ?? "A profile") : role !== "none" && "No profile"}
      </div>
      <div className={classes.dimmed}>
        Changed <RelativeTime time={member.updatedAt} />
      </div>
      {mayChange && (
        <div className={classes.actions}>
          <Tooltip label="Edit">
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Edit ${name}`} onClick={onEdit}>
              <IconPencil size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Remove">
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove ${name}`} onClick={onRemove}>
              <IconTrash size={18} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
    </li>
  );
}
