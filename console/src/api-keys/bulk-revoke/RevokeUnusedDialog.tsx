import { Modal } from "@mantine/core";
import { ChooseDays } from "./ChooseDays";
import { ConfirmFound } from "./ConfirmFound";
import { Results } from "./Results";
import { useRevokeUnused } from "./useRevokeUnused";

/** How long unused, which keys that are, and what became of them: one after the other. */
export default function RevokeUnusedDialog({ days, onClose }: { days: string; onClose: () => void }) {
  const { found, soFar, outcomes, find, revoke, backToChoice } = useRevokeUnused();
  const hasBegun = !revoke.isIdle;
  const leave = () => {
    if (!revoke.isPending) onClose(); // what it does would go on unseen
  };
  return (
    <Modal opened onClose={leave} title="Revoke unused keys" size="lg" closeOnClickOutside={false}>
      {!found && (
        <ChooseDays
          days={String(find.variables ?? days)}
          soFar={soFar}
          pending={find.isPending}
          error={find.error}
          onFind={(chosen) => find.mutate(chosen)}
          onCancel={onClose}
        />
      )}
      {found && !hasBegun && (
        <ConfirmFound found={found} onConfirm={() => revoke.mutate(found)} onBack={backToChoice} onCancel={onClose} />
      )}
      {found && hasBegun && (
        <Results
          keys={found.keys}
          outcomes={outcomes}
          pending={revoke.isPending}
          error={revoke.error}
          onGoOn={() => revoke.mutate(found)}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}
