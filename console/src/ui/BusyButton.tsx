import { Button } from "@mantine/core";
import type { ReactNode } from "react";

/** A button that keeps the focus while what it began is under way, or while there is a reason against it. */
export function BusyButton(props: {
  isBusy: boolean;
  isOff?: boolean;
  variant?: "default" | "filled";
  size?: "xs" | "sm";
  type?: "button" | "submit";
  onClick?: () => void;
  children: ReactNode;
}) {
  const { isBusy, isOff = false, variant = "default", size = "sm", type = "button", onClick, children } = props;
  const isStill = isBusy || isOff;
  return (
    <Button
      variant={variant}
      size={size}
      type={type}
      aria-busy={isBusy}
      aria-disabled={isStill}
      {...(isStill ? { "data-disabled": true } : {})}
      onClick={(event) => {
        if (isStill) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </Button>
  );
}
