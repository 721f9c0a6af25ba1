import { CloseButton, Kbd, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import IconSearch from "~icons/tabler/search";
import { useSlashToFocus } from "./useSlashToFocus";

const PAUSE_MILLISECONDS = 250;

/** A search field: `/` leads to it, Esc empties it, and `onSearch` hears what was typed once typing pauses. */
export function SearchInput(props: {
  value: string;
  onSearch: (text: string) => void;
  label: string;
  shortcut?: boolean;
}) {
  const { value, onSearch, label, shortcut = true } = props;
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const field = useRef<HTMLInputElement>(null);
  useSlashToFocus(field, shortcut);
  const send = useDebouncedCallback((next: string) => {
    sent.current = next;
    onSearch(next);
  }, PAUSE_MILLISECONDS);
  useEffect(() => {
    if (value !== sent.current) setText(value); // changed from outside: back, or a filter that was cleared
    sent.current = value;
  }, [value]);
  const type = (next: string) => {
    setText(next);
    send(next.trim());
  };
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && text) {
          event.stopPropagation();
          type("");
        }
      }}
      leftSection={<IconSearch size={16} />}
      rightSection={
        text ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />
        ) : shortcut ? (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        ) : null
      }
    />
  );
}
