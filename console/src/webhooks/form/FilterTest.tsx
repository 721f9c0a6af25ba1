import { NativeSelect, Stack } from "@mantine/core";
import IconCheck from "~icons/tabler/check";
import IconX from "~icons/tabler/x";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { CodeInput } from "./CodeInput";
import classes from "./FilterTest.module.css";
import type { FilterTrial } from "./useFilterTest";

/** An event to try the filter on, and whether it would be sent. */
export function FilterTest({ trial }: { trial: FilterTrial }) {
  const { types, type, chooseType, event, editEvent, eventProblem, error, retry } = trial;
  return (
    <Stack gap="sm" className={classes.trial ?? ""}>
      {types.length > 0 && (
        <NativeSelect
          label="Try it on the example of"
          data={types.map(({ name }) => name)}
          value={type}
          onChange={(change) => chooseType(change.currentTarget.value)}
        />
      )}
      <CodeInput
        label={types.length > 0 ? "The event, to be edited" : "Try it on this event"}
        value={event}
        onChange={editEvent}
        problem={eventProblem}
        error={null}
      />
      {error != null && <ErrorNotice error={error} title="The filter couldn't be tried" retry={retry} />}
      <Result trial={trial} />
    </Stack>
  );
}

function Result({ trial: { matches, isPending } }: { trial: FilterTrial }) {
  const [Icon, words, tone] =
    matches === null
      ? [null, isPending ? "Trying…" : "Write a filter to see whether this event gets through.", "none"]
      : matches
        ? [IconCheck, "It fits: this event is sent.", "good"]
        : [IconX, "It doesn't fit: this event isn't sent.", "bad"];
  return (
    <p className={classes.result} role="status" data-tone={tone} data-pending={isPending || undefined}>
      {Icon && <Icon size={16} />}
      {words}
    </p>
  );
}
