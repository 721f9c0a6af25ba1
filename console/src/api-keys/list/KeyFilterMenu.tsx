import { Autocomplete, Button, NativeSelect, Popover, Stack } from "@mantine/core";
import { useState } from "react";
import IconFilter from "~icons/tabler/filter";
import { UserInput } from "../../members/UserInput";
import { useScopes } from "../data/useScopes";
import { DAYS, daysWords, type KeyFilters } from "./filters";

interface Props {
  filters: KeyFilters;
  set: (changes: Partial<KeyFilters>) => void;
}

/** The filters that are not needed every day. */
export function KeyFilterMenu({ filters, set }: Props) {
  const [opened, setOpened] = useState(false);
  const count = Object.values(filters).filter(Boolean).length;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={300} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconFilter size={16} />}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
        >
          {count > 0 ? `Filters (${count})` : "Filters"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filters">
        <Fields filters={filters} set={set} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ filters, set }: Props) {
  const days = (name: "unused" | "expires" | "rotated", label: string) => (
    <NativeSelect
      label={label}
      data={[{ value: "", label: "Any" }, ...choices(DAYS[name], filters[name])]}
      value={filters[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <Stack gap="sm">
      {days("unused", "Unused for")}
      {days("expires", "Expires within")}
      {days("rotated", "Secret older than")}
      <ScopeInput value={filters.scope} onChange={(scope) => set({ scope })} />
      <Committed value={filters.owner} onCommit={(owner) => set({ owner })} label="Owner" />
      <Committed value={filters.creator} onCommit={(creator) => set({ creator })} label="Creator" />
    </Stack>
  );
}

/** The periods, with one from the address that is none of them. */
function choices(known: readonly number[], own: string): { value: string; label: string }[] {
  const all = new Set([...known, ...(Number(own) > 0 ? [Number(own)] : [])]);
  return [...all].sort((one, other) => one - other).map((days) => ({ value: String(days), label: daysWords(days) }));
}

const SCOPE = /^(\*|[a-z0-9][a-z0-9_-]*(:[a-z0-9][a-z0-9_-]*)*:(\*|[a-z0-9][a-z0-9_-]*))$/;

function ScopeInput({ value, onChange }: { value: string; onChange: (scope: string) => void }) {
  const { names } = useScopes();
  const [text, setText] = useState(value);
  const isScope = (scope: string) => scope === "" || SCOPE.test(scope);
  const commit = (scope: string) => {
    setText(scope);
    if (isScope(scope)) onChange(scope);
  };
  return (
    <Autocomplete
      label="Scope"
      placeholder="orders:read"
      data={[...names]}
      limit={50}
      value={text}
      onChange={setText}
      onOptionSubmit={commit}
      onBlur={() => commit(text.trim())}
      onKeyDown={(event) => event.key === "Enter" && commit(text.trim())}
      error={!isScope(text.trim()) && "Enter a scope, such as orders:read."}
      spellCheck={false}
    />
  );
}

/** A user that is applied when the input is complete. */
function Committed(props: { value: string; onCommit: (id: string) => void; label: string }) {
  const { value, onCommit, label } = props;
  const [text, setText] = useState(value);
  const commit = (id: string) => {
    setText(id);
    if (id !== value) onCommit(id);
  };
  return <UserInput label={label} placeholder="User ID" value={text} onChange={setText} onCommit={commit} />;
}
