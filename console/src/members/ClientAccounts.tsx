import { CloseButton, Input, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { comparable } from "../format/names";
import { formatNumber } from "../format/numbers";
import { FieldGroup } from "../forms/FieldGroup";
import { useSession } from "../session/SessionContext";
import classes from "./Members.module.css";
import type { MemberFields } from "./useMemberForm";
import { clientsWords } from "./words";

const MOST_SHOWN = 50;
const WORTH_A_SEARCH = 8;

/** The client accounts of an advisor. An admin can remove them; the operator adds them by the API. */
export function ClientAccounts({ form }: { form: MemberFields }) {
  const { accountNames } = useSession().session;
  const [search, setSearch] = useState("");
  const all = form.values.clientAccountIds;
  const wanted = comparable(search.trim());
  const found = all.filter((id) => comparable(`${id} ${accountNames[id] ?? ""}`).includes(wanted));
  const remove = (id: string) =>
    form.setFieldValue(
      "clientAccountIds",
      all.filter((each) => each !== id),
    );
  return (
    <FieldGroup legend="Client accounts">
      <Text size="sm" c="dimmed" role="status">
        {all.length === 0 ? "No client accounts." : `${clientsWords(all.length)}.`} Only the operator of the product
        adds them.
      </Text>
      {all.length > WORTH_A_SEARCH && (
        <TextInput
          type="search"
          aria-label="Search client accounts"
          placeholder="Search client accounts"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {found.length > 0 && (
        <ul className={classes.clients} aria-label="Client accounts">
          {found.slice(0, MOST_SHOWN).map((id) => (
            <li key={id} className={classes.client}>
              <span className={classes.id}>{accountNames[id] ? `${accountNames[id]} · ${id}` : id}</span>
              <CloseButton size="sm" aria-label={`Remove the client account ${id}`} onClick={() => remove(id)} />
            </li>
          ))}
        </ul>
      )}
      {all.length > 0 && found.length === 0 && <Text size="sm">No client account fits.</Text>}
      {found.length > MOST_SHOWN && (
        <Text size="sm" c="dimmed">
          {formatNumber(found.length - MOST_SHOWN)} more. Search to find them.
        </Text>
      )}
      {form.errors.clientAccountIds && <Input.Error>{form.errors.clientAccountIds}</Input.Error>}
    </FieldGroup>
  );
}
