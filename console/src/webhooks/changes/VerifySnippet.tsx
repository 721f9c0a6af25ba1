import { Code, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "../../ui/CopyButton";
import classes from "./VerifySnippet.module.css";
import { LANGUAGES, type Language, snippet } from "./verifySnippets";

/** How a receiver checks that a delivery is ours. */
export function VerifySnippet({ secret, headerPrefix }: { secret: string; headerPrefix: string }) {
  const [language, setLanguage] = useState<Language>("Node");
  const code = snippet(language, secret);
  return (
    <Stack gap={8}>
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          Verify deliveries with it
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Language"
          data={[...LANGUAGES]}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
        />
      </Group>
      <div className={classes.snippet}>
        <Code block className={classes.code ?? ""} tabIndex={0} role="region" aria-label="Code that verifies">
          {code}
        </Code>
        <CopyButton value={code} what="the code" />
      </div>
      <Text size="sm" c="dimmed">
        Take the raw body, before anything parses it. Without the library, check {headerPrefix}-Signature: sha256= and
        the hex HMAC-SHA256 of the body.
      </Text>
    </Stack>
  );
}
