import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";
import classes from "./Form.module.css";

/** The end of a drawer's form, always in sight: why it wasn't saved, what to know before it is, and its buttons. */
export function FormFooter(props: {
  submit: string;
  pending: boolean;
  error: unknown;
  errorTitle: string;
  onCancel: () => void;
  children?: ReactNode;
}) {
  const { submit, pending, error, errorTitle, onCancel, children } = props;
  return (
    <div className={classes.footer}>
      {error != null && <ErrorNotice error={error} title={errorTitle} />}
      {children}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={pending}>
          {submit}
        </Button>
      </Group>
    </div>
  );
}
