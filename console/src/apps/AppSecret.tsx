import { Stack } from "@mantine/core";
import { Copied } from "../ui/Copied";
import { Fact, Facts } from "../ui/Facts";
import { LostSecret } from "../ui/LostSecret";
import { SecretOnce } from "../ui/SecretOnce";

export interface IssuedSecret {
  /** The client id. */
  id: string;
  title: string;
  /** Null if the answer to the first request got lost. */
  secret: string | null;
}

/** Shows the secret of an app once, with the client id. */
export function AppSecret(props: { issued: IssuedSecret; onClose: () => void; onRotate: () => void }) {
  const { issued, onClose, onRotate } = props;
  if (issued.secret === null) {
    return <LostSecret title={issued.title} what="secret" onClose={onClose} onRotate={onRotate} />;
  }
  return (
    <SecretOnce title={issued.title} secret={issued.secret} what="client secret" onClose={onClose}>
      <Stack gap="xs">
        <Facts>
          <Fact name="Client ID">
            <Copied text={issued.id} what="the client ID" />
          </Fact>
        </Facts>
      </Stack>
    </SecretOnce>
  );
}
