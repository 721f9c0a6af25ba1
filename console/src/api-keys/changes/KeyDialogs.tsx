import { LostSecret } from "../../ui/LostSecret";
import { SecretOnce, useShownSecret } from "../../ui/SecretOnce";
import { useReturnedFocus } from "../../ui/useReturnedFocus";
import { CreateKey } from "./CreateKey";
import { tryCommand } from "./command";
import { DisableKey } from "./DisableKey";
import { EditKey } from "./EditKey";
import { RevokeKey } from "./RevokeKey";
import { RotateKey } from "./RotateKey";
import { type Change, useKeyDialog } from "./useKeyDialog";

/** A secret on its way to who asked for it, and what became of the one before. */
export interface Issued {
  id: string;
  title: string;
  /** Null where the answer that had it was lost, and the same request asked again. */
  secret: string | null;
  about?: string;
}

const DIALOGS = { edit: EditKey, rotate: RotateKey, disable: DisableKey, revoke: RevokeKey } as const satisfies Record<
  Change,
  unknown
>;

/** The dialog that the address names, and after it the secret that came of it. */
export function KeyDialogs() {
  const dialog = useKeyDialog();
  const { shown, show, close } = useShownSecret<Issued>();
  const issued = (value: Issued) => {
    show(value);
    dialog.close();
  };
  useReturnedFocus(dialog.creates || dialog.change !== null || shown !== null);
  const Changing = dialog.change && DIALOGS[dialog.change.what];
  return (
    <>
      {dialog.creates && <CreateKey onClose={dialog.close} onIssued={issued} />}
      {dialog.change && Changing && (
        <Changing key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} onIssued={issued} />
      )}
      {shown?.secret && (
        <SecretOnce
          title={shown.title}
          secret={shown.secret}
          what="API key"
          command={tryCommand(shown.secret)}
          onClose={close}
        >
          {shown.about}
        </SecretOnce>
      )}
      {shown?.secret === null && (
        <LostSecret
          title={shown.title}
          what="key"
          onClose={close}
          onRotate={() => {
            close();
            dialog.open("rotate", shown.id);
          }}
        />
      )}
    </>
  );
}
