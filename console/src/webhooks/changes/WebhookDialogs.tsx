import { useSettings } from "../../app/SettingsContext";
import { LostSecret } from "../../ui/LostSecret";
import { SecretOnce, useShownSecret } from "../../ui/SecretOnce";
import { useReturnedFocus } from "../../ui/useReturnedFocus";
import { CreateWebhook } from "./CreateWebhook";
import { DeleteWebhook } from "./DeleteWebhook";
import { EditWebhook } from "./EditWebhook";
import { PauseWebhook } from "./PauseWebhook";
import { RotateSecret } from "./RotateSecret";
import { type Change, useWebhookDialog } from "./useWebhookDialog";
import { VerifySnippet } from "./VerifySnippet";

/** A secret on its way to who asked for it, and what became of the one before. */
export interface Issued {
  id: string;
  title: string;
  /** Null where the answer that had it was lost, and the same request asked again. */
  secret: string | null;
  about?: string;
}

const DIALOGS = {
  edit: EditWebhook,
  pause: PauseWebhook,
  rotate: RotateSecret,
  delete: DeleteWebhook,
} as const satisfies Record<Change, unknown>;

/** The dialog that the address names, and after it the secret that came of it. */
export function WebhookDialogs() {
  const dialog = useWebhookDialog();
  const { signatureHeaderPrefix } = useSettings();
  const { shown, show, close } = useShownSecret<Issued>();
  const issued = (value: Issued) => {
    show(value);
    dialog.close();
  };
  useReturnedFocus(dialog.creates || dialog.change !== null || shown !== null);
  const Changing = dialog.change && DIALOGS[dialog.change.what];
  return (
    <>
      {dialog.creates && <CreateWebhook onClose={dialog.close} onIssued={issued} />}
      {dialog.change && Changing && (
        <Changing key={dialog.change.id} id={dialog.change.id} onClose={dialog.close} onIssued={issued} />
      )}
      {shown?.secret && (
        <SecretOnce title={shown.title} secret={shown.secret} what="signing secret" onClose={close}>
          {shown.about}
          <VerifySnippet secret={shown.secret} headerPrefix={signatureHeaderPrefix} />
        </SecretOnce>
      )}
      {shown?.secret === null && (
        <LostSecret
          title={shown.title}
          what="secret"
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
