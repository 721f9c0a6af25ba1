import { NativeSelect, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { ScopePicker } from "../api-keys/form/ScopePicker";
import { durationWords } from "../format/durations";
import { FieldGroup } from "../forms/FieldGroup";
import { SettingsForm, type SettingsFormProps } from "../forms/SettingsForm";
import { type AppValues, refusedFields } from "./values";

const ACCESS_SECONDS = [300, 900, 3600, 14400, 86400];
const CONNECTION_SECONDS = [3600, 86400, 604800, 2592000, 7776000, 31536000];

/** The settings of a new or a registered app. */
export function AppForm({ isNew = false, ...frame }: SettingsFormProps<AppValues> & { isNew?: boolean }) {
  const { form } = frame;
  const { acts, scopes } = form.values;
  return (
    <SettingsForm {...frame} refusedFields={refusedFields}>
      <TextInput
        label="Name"
        description="Users see it when the app asks for their consent."
        placeholder="Warehouse app"
        maxLength={100}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("name")}
      />
      <Radio.Group label="The app acts" {...form.getInputProps("acts")} data-path="acts">
        <Stack gap="sm" my="xs">
          <Radio
            value="users"
            label="For users"
            description="Each user allows it, with no more than the user's rights."
          />
          <Radio
            value="itself"
            label="For itself"
            description="It has the scopes below in this account, without a user."
            disabled={form.values.type === "public"}
          />
        </Stack>
      </Radio.Group>
      {acts === "users" && isNew && (
        <Radio.Group label="The app runs" {...form.getInputProps("type")} data-path="type">
          <Stack gap="sm" my="xs">
            <Radio value="confidential" label="On a server" description="It can keep a secret." />
            <Radio
              value="public"
              label="On the user's device"
              description="A phone, a browser or a command line: no secret."
            />
          </Stack>
        </Radio.Group>
      )}
      {acts === "users" && (
        <Textarea
          label="Redirect URIs"
          description="The addresses to which users return, one in a line. A request must use one of them exactly."
          placeholder="https://app.example.com/callback"
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          {...form.getInputProps("redirectUris")}
        />
      )}
      <FieldGroup legend={acts === "users" ? "The most that users can allow" : "Scopes"}>
        <ScopePicker
          value={scopes}
          onChange={(next) => form.setFieldValue("scopes", next)}
          error={form.errors.scopes}
        />
      </FieldGroup>
      <FieldGroup legend="Durations">
        <NativeSelect
          label="An access token is valid for"
          data={durations(ACCESS_SECONDS, form.values.accessTokenSeconds)}
          {...form.getInputProps("accessTokenSeconds")}
        />
        {acts === "users" && (
          <NativeSelect
            label="A user stays connected for"
            data={durations(CONNECTION_SECONDS, form.values.refreshTokenSeconds)}
            {...form.getInputProps("refreshTokenSeconds")}
          />
        )}
      </FieldGroup>
      <TextInput label="Home page" placeholder="https://app.example.com" {...form.getInputProps("clientUri")} />
      <TextInput
        label="Privacy policy"
        placeholder="https://app.example.com/privacy"
        {...form.getInputProps("policyUri")}
      />
    </SettingsForm>
  );
}

/** The durations to choose from, the current one among them. */
function durations(seconds: readonly number[], current: string): { value: string; label: string }[] {
  const all = [...new Set([...seconds, Number(current)])].sort((one, other) => one - other);
  return all.map((each) => ({ value: String(each), label: durationWords(each) }));
}
