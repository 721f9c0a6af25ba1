import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Form.module.css";

/** Fields that belong together, below what they are about. */
export function FieldGroup(props: { legend: string; gap?: "sm" | "md"; children: ReactNode }) {
  const { legend, gap = "sm", children } = props;
  return (
    <fieldset className={classes.group}>
      <Stack gap={gap}>
        <legend className={classes.legend}>{legend}</legend>
        {children}
      </Stack>
    </fieldset>
  );
}
