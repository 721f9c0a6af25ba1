import { Stack, Switch } from "@mantine/core";
import { CodeInput } from "./CodeInput";
import { FilterTest } from "./FilterTest";
import { readObject } from "./jsonObject";
import { useFilterTest } from "./useFilterTest";
import type { WebhookFormFields } from "./useWebhookForm";

const PLACEHOLDER = '{\n  "entity": {\n    "total": [{"numeric": [">", 100]}]\n  }\n}';

/** Which of its events it gets by their bodies, tried as it is written. */
export function FilterFields({ form }: { form: WebhookFormFields }) {
  const { hasFilter, filter, picks, events } = form.values;
  return (
    <>
      <Switch
        label="Filter"
        description="Only events whose body fits."
        {...form.getInputProps("hasFilter", { type: "checkbox" })}
      />
      {hasFilter && (
        <Editor
          filter={filter}
          patterns={picks === "all" ? ["*"] : events}
          error={form.errors.filter ? String(form.errors.filter) : null}
          onChange={(text) => form.setFieldValue("filter", text)}
        />
      )}
    </>
  );
}

function Editor(props: {
  filter: string;
  patterns: readonly string[];
  error: string | null;
  onChange: (text: string) => void;
}) {
  const { filter, patterns, error, onChange } = props;
  const trial = useFilterTest(filter, patterns);
  const { problem } = trial.filter;
  const read = filter.trim() ? readObject(filter) : null;
  const shown = problem ?? (read && "problem" in read ? read.problem : null);
  return (
    <Stack gap="sm">
      <CodeInput
        label="Filter as JSON"
        description="Names fields of the body; each array holds what the field may be. EventBridge's pattern syntax."
        placeholder={PLACEHOLDER}
        value={filter}
        onChange={onChange}
        problem={shown}
        error={shown ? null : error}
      />
      <FilterTest trial={trial} />
    </Stack>
  );
}
