import { Button, NativeSelect, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import { FieldGroup } from "../../forms/FieldGroup";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useProfiles } from "../data/useProfiles";
import classes from "./KeyForm.module.css";
import { ScopePicker } from "./ScopePicker";
import type { KeyFormFields } from "./useKeyForm";

/** What the key may do: scopes of its own, or a profile that it shares, which scopes can be added to. */
export function AccessFields({ form }: { form: KeyFormFields }) {
  const { access, scopes, profileId } = form.values;
  const { profiles, error, retry } = useProfiles();
  const [adds, setAdds] = useState(scopes.length > 0);
  const hasChoice = profiles.length > 0 || access === "profile";
  const chosen = profiles.find(({ id }) => id === profileId);
  const pick = (
    <ScopePicker value={scopes} onChange={(next) => form.setFieldValue("scopes", next)} error={form.errors.scopes} />
  );
  return (
    <FieldGroup legend="Access">
      {error != null && <ErrorNotice error={error} title="The profiles couldn't be loaded" retry={retry} />}
      {hasChoice && (
        <SegmentedControl
          aria-label="Access"
          data={[
            { value: "scopes", label: "Scopes" },
            { value: "profile", label: "Permission profile" },
          ]}
          {...form.getInputProps("access")}
        />
      )}
      {access === "scopes" ? (
        pick
      ) : (
        <>
          <NativeSelect
            label="Profile"
            description={chosen?.description ?? "A change of the profile holds for the key's next request."}
            data={[
              { value: "", label: "Choose a profile" },
              ...profiles.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.getInputProps("profileId")}
          />
          {adds ? (
            <>
              <Text size="sm" c="dimmed">
                Beside what the profile allows. What it denies stays denied.
              </Text>
              {pick}
            </>
          ) : (
            <Button variant="subtle" size="compact-sm" className={classes.add ?? ""} onClick={() => setAdds(true)}>
              Add scopes of its own
            </Button>
          )}
        </>
      )}
    </FieldGroup>
  );
}
