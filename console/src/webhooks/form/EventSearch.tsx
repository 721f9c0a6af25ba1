import { CloseButton, TextInput } from "@mantine/core";
import IconSearch from "~icons/tabler/search";

/** The picker's search; Enter adds the name that was typed and sends no form, Esc empties it. */
export function EventSearch(props: { value: string; onChange: (text: string) => void; onEnter: () => void }) {
  const { value, onChange, onEnter } = props;
  return (
    <TextInput
      type="search"
      aria-label="Search events, or type a name"
      placeholder="Search, or type a name: order.created, order.*"
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          onEnter();
        }
        if (event.key === "Escape" && value) {
          event.stopPropagation();
          onChange("");
        }
      }}
      leftSection={<IconSearch size={16} />}
      rightSection={value && <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange("")} />}
    />
  );
}
