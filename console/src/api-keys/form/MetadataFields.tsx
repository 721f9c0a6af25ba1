import { Switch, Textarea } from "@mantine/core";
import { useState } from "react";
import type { KeyFormFields } from "./useKeyForm";

/** What the account keeps with the key. */
export function MetadataFields({ form }: { form: KeyFormFields }) {
  const [opened, setOpened] = useState(form.values.metadata !== "");
  return (
    <>
      <Switch
        label="Metadata"
        description="JSON of your own, given back with the key."
        checked={opened}
        onChange={(event) => {
          setOpened(event.currentTarget.checked);
          if (!event.currentTarget.checked) form.setFieldValue("metadata", "");
        }}
      />
      {opened && (
        <Textarea
          aria-label="Metadata as JSON"
          placeholder='{"team": "fulfilment"}'
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          {...form.getInputProps("metadata")}
        />
      )}
    </>
  );
}
