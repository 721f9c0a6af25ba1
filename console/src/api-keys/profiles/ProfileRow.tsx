import { ActionIcon, Tooltip, UnstyledButton } from "@mantine/core";
import IconPencil from "~icons/tabler/pencil";
import IconTrash from "~icons/tabler/trash";
import type { PermissionProfile } from "../../api/schema";
import { useMay } from "../../session/useMe";
import { RelativeTime } from "../../ui/RelativeTime";
import classes from "./Profiles.module.css";
import { keysWords, membersWords } from "./rules";

/** A profile, what its rules say, and how many keys have it. */
export function ProfileRow(props: { profile: PermissionProfile; onEdit: () => void; onDelete: () => void }) {
  const { profile, onEdit, onDelete } = props;
  const mayChange = useMay("api-keys:write");
  const actions = (effect: "allow" | "deny") => [
    ...new Set(profile.rules.filter((rule) => rule.effect === effect).flatMap((rule) => rule.actions)),
  ];
  const [allows, denies] = [actions("allow"), actions("deny")];
  return (
    <li className={classes.profile}>
      <div className={classes.about}>
        {mayChange ? (
          <UnstyledButton className={classes.name ?? ""} onClick={onEdit}>
            {profile.name}
          </UnstyledButton>
        ) : (
          <span className={classes.name}>{profile.name}</span>
        )}
        {profile.description && <p className={classes.description}>{profile.description}</p>}
      </div>
      <div className={classes.rules}>
        {allows.length > 0 && <Line word="Allows" actions={allows} />}
        {denies.length > 0 && <Line word="Denies" actions={denies} />}
        {profile.rules.length === 0 && "No rules: it changes nothing"}
      </div>
      <div className={classes.facts}>
        <span>
          {profile.keyCount === 0 ? "No keys" : keysWords(profile.keyCount)}
          {profile.memberCount > 0 && `, ${membersWords(profile.memberCount)}`}
        </span>
        <span className={classes.changed}>
          Changed <RelativeTime time={profile.updatedAt} />
        </span>
      </div>
      {mayChange && (
        <div className={classes.actions}>
          <Tooltip label="Edit">
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Edit ${profile.name}`} onClick={onEdit}>
              <IconPencil size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Delete">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={`Delete ${profile.name}`}
              onClick={onDelete}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
    </li>
  );
}

function Line({ word, actions }: { word: string; actions: string[] }) {
  return (
    <p className={classes.line}>
      <span className={classes.word}>{word}</span> <span className={classes.list}>{actions.join(", ")}</span>
    </p>
  );
}
