import { Stack } from "@mantine/core";
import { Copied } from "../ui/Copied";
import { Fact, Facts } from "../ui/Facts";
import { SecretOnce } from "../ui/SecretOnce";

export interface IssuedSecret {
  /** The client id. */
  id: string;
  title: string;
  secret: string;
}

/** Shows the secret of an app once, with the client id. */
export function AppSecret({ issued, onClose }: { issued: IssuedSecret; onClose: () => void }) {
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
