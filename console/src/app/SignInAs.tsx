import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";
import { here } from "./place";
import classes from "./SignInAs.module.css";

interface Person {
  name: string;
  about: string;
  token: string;
}

/** On the local stack: somebody of each kind, a click away. `url` is relative to the API. */
export function SignInAs({ url, onToken }: { url: string; onToken: (token: string) => void }) {
  const [people, setPeople] = useState<Person[] | Error | null>(null);
  useEffect(() => {
    fetchPeople(url).then(setPeople, (error: Error) => setPeople(error));
  }, [url]);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        On this local stack, sign in as
      </Text>
      {people instanceof Error && <ErrorNotice error={people} title="The list didn't come" />}
      {people === null && ["", "-", "--"].map((key) => <Skeleton key={key} height={60} />)}
      {Array.isArray(people) &&
        people.map(({ name, about, token }) => (
          <Button
            key={name}
            variant="default"
            justify="flex-start"
            className={classes.person ?? ""}
            onClick={() => onToken(token)}
          >
            <span className={classes.words}>
              <span>{name}</span>
              <Text span size="sm" c="dimmed" fw={400}>
                {about}
              </Text>
            </span>
          </Button>
        ))}
    </Stack>
  );
}

async function fetchPeople(url: string): Promise<Person[]> {
  const answer = await fetch(`${here.apiUrl}/${url}`);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
