import { Autocomplete, Button, Drawer, Group, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useApi } from "../../../api/ApiContext";
import { answered } from "../../../api/client";
import { fieldErrors } from "../../../api/problem";
import type { Webhook } from "../../../api/schema";
import { BusyButton } from "../../../ui/BusyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useEventTypes } from "../../data/useEventTypes";
import { deliveryQueries } from "../data/deliveryQueries";
import { exampleText, readEntity, TEST_EVENT } from "./entityText";
import classes from "./SendTest.module.css";
import { TestAnswer } from "./TestAnswer";

/** Sends a signed test event now, and shows what the receiver said. */
export function SendTest({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  return (
    <Drawer opened onClose={onClose} title="Send test event" position="right" size={600}>
      <Form webhook={webhook} onClose={onClose} />
    </Drawer>
  );
}

function Form({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const { types: known } = useEventTypes();
  const [event, setEvent] = useState(TEST_EVENT);
  const [written, setWritten] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const entity = useRef<HTMLTextAreaElement>(null);
  const text = written ?? exampleText(event, known);
  const test = useMutation({
    mutationFn: (body: { event: string; entity: Record<string, unknown> }) =>
      answered(api.POST("/webhooks/{id}/test", { params: { path: { id: webhook.id } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: deliveryQueries.history(webhook.id) }),
  });
  const refused = fieldErrors(test.error);
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    const read = readEntity(text);
    setProblem("problem" in read ? read.problem : null);
    if ("entity" in read && !test.isPending) test.mutate({ event: event.trim(), entity: read.entity });
  };
  const startAgain = () => {
    setWritten(null);
    setProblem(null);
    entity.current?.focus();
  };
  const sendByKeyboard = (pressed: KeyboardEvent) => {
    if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) form.current?.requestSubmit();
  };
  return (
    <form ref={form} onSubmit={submit}>
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          It goes to {webhook.url}, signed like every delivery, whichever events the webhook gets. It isn't retried.
        </Text>
        <Autocomplete
          label="Event"
          description="One that is registered, or any other name."
          data={[TEST_EVENT, ...known.map(({ name }) => name).filter((name) => name !== TEST_EVENT)]}
          value={event}
          onChange={setEvent}
          limit={50}
          openOnFocus={false}
          maxLength={128}
          error={refused.event}
          data-autofocus
        />
        <Textarea
          ref={entity}
          label="Entity"
          description="What the event is about, as JSON. Ctrl+Enter sends it."
          value={text}
          onChange={(changed) => setWritten(changed.currentTarget.value)}
          onKeyDown={sendByKeyboard}
          autosize
          minRows={6}
          maxRows={16}
          spellCheck={false}
          error={problem ?? refused.entity}
          classNames={{ input: classes.entity ?? "" }}
        />
        {test.error && <ErrorNotice error={test.error} title="The test wasn't sent" />}
        <Group>
          {written !== null && (
            <Button variant="subtle" onClick={startAgain}>
              Use the example
            </Button>
          )}
          <Group ml="auto">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <BusyButton variant="filled" type="submit" isBusy={test.isPending}>
              Send
            </BusyButton>
          </Group>
        </Group>
        <TestAnswer attempt={test.data} isPending={test.isPending} />
      </Stack>
    </form>
  );
}
