import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useReturnedFocus } from "../../ui/useReturnedFocus";
import { useRevocationDialog } from "./useRevocationDialog";

const RevokeUnusedDialog = lazy(() => import("./RevokeUnusedDialog"));

/** The way to revoking all keys that nobody uses. */
export function RevokeUnused() {
  const { days, open, close } = useRevocationDialog();
  useReturnedFocus(days !== null);
  return (
    <>
      <Button variant="default" onClick={open}>
        Revoke unused…
      </Button>
      {days !== null && (
        <Suspense>
          <RevokeUnusedDialog days={days} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
