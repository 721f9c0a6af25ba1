import { Button, Group, Pill } from "@mantine/core";
import { useUsers } from "../../members/useUsers";
import { FILTER_NAMES, filterWords, type KeyFilters, NO_FILTERS } from "./filters";
import classes from "./KeysToolbar.module.css";

/** The filters that are set. Each can be removed. */
export function KeyFilterChips(props: { filters: KeyFilters; set: (changes: Partial<KeyFilters>) => void }) {
  const { filters, set } = props;
  const names = FILTER_NAMES.filter((name) => filters[name]);
  const { nameOf } = useUsers({ enabled: Boolean(filters.owner || filters.creator) });
  if (names.length === 0) return null;
  return (
    <Group gap="xs" mb="md" role="group" aria-label="Filters that are set">
      {names.map((name) => {
        const words = filterWords(name, filters[name], nameOf);
        return (
          <Pill
            key={name}
            size="md"
            className={classes.chip ?? ""}
            withRemoveButton
            removeButtonProps={{ "aria-label": `Remove the filter ${words}`, "aria-hidden": false, tabIndex: 0 }}
            onRemove={() => set({ [name]: "" })}
          >
            {words}
          </Pill>
        );
      })}
      {names.length > 1 && (
        <Button variant="subtle" size="compact-sm" onClick={() => set(NO_FILTERS)}>
          Remove all
        </Button>
      )}
    </Group>
  );
}
