import { Select, type SelectProps, Text } from "@mantine/core";
import { useAccountId } from "../session/useAccountId";
import { useAccounts } from "../session/useMe";
import classes from "./AccountSwitch.module.css";
import { accountChoices, MORE } from "./accountChoices";

const LONGEST_WITHOUT_SEARCH = 8;

/** The accounts of an advisor. A user with one account has no choice. */
export function AccountSwitch() {
  const accounts = useAccounts();
  const { accountId, choose } = useAccountId();
  const own = accounts[0]?.id;
  if (accounts.length < 2) return null;
  return (
    <Select
      aria-label="Account"
      data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
      value={accountId ?? own ?? null}
      onChange={(id) => id && choose(id === own ? null : id)}
      allowDeselect={false}
      searchable={accounts.length > LONGEST_WITHOUT_SEARCH}
      selectFirstOptionOnChange
      filter={accountChoices}
      renderOption={option}
      nothingFoundMessage="No account fits"
      comboboxProps={{ width: "max-content", position: "bottom-end" }}
      classNames={{ dropdown: classes.dropdown ?? "", root: classes.account ?? "" }}
    />
  );
}

const option: NonNullable<SelectProps["renderOption"]> = ({ option: { value, label } }) => (
  <span className={classes.option}>
    <span>{label}</span>
    {value !== MORE && value !== label && (
      <Text span size="xs" c="dimmed">
        {value}
      </Text>
    )}
  </span>
);
