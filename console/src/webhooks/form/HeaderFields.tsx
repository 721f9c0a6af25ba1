import { ActionIcon, Button, Input, Stack, TextInput } from "@mantine/core";
import { randomId } from "@mantine/hooks";
import IconPlus from "~icons/tabler/plus";
import IconX from "~icons/tabler/x";
import type { WebhookFormFields } from "./useWebhookForm";
import classes from "./WebhookForm.module.css";

const MOST_HEADERS = 20;

/** What is sent beside our own headers. A value that is secret by its header's name is kept, and never shown again. */
export function HeaderFields({ form }: { form: WebhookFormFields }) {
  const { headers } = form.values;
  const add = () => form.insertListItem("headers", { key: randomId(), name: "", value: "", isKept: false });
  return (
    <Stack gap="xs">
      <Input.Wrapper
        labelElement="div"
        label="Headers"
        description="Sent with each delivery. Values that are secret by their name, such as Authorization, aren't shown again."
        error={form.errors.headers}
      />
      {headers.map((header, index) => (
        <div key={header.key} className={classes.header}>
          <TextInput
            aria-label={`Header ${index + 1}, name`}
            placeholder="Name"
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps(`headers.${index}.name`)}
            {...(header.isKept ? { readOnly: true } : {})}
          />
          {header.isKept ? (
            <TextInput
              aria-label={`Header ${index + 1}, value`}
              value=""
              placeholder="•••••• as it is"
              autoComplete="off"
              onChange={(event) => {
                form.setFieldValue(`headers.${index}`, { ...header, isKept: false, value: event.currentTarget.value });
              }}
              error={form.errors[`headers.${index}.value`]}
            />
          ) : (
            <TextInput
              aria-label={`Header ${index + 1}, value`}
              placeholder="Value"
              maxLength={1000}
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps(`headers.${index}.value`)}
            />
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={`Remove header ${header.name || index + 1}`}
            onClick={() => form.removeListItem("headers", index)}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      {headers.length < MOST_HEADERS && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.add ?? ""}
          leftSection={<IconPlus size={14} />}
          onClick={add}
        >
          Add a header
        </Button>
      )}
    </Stack>
  );
}
