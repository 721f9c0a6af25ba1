import { Stack } from "@mantine/core";
import { useMay } from "../session/useMe";
import { PageHeader } from "../ui/PageHeader";
import { ConnectedApps } from "./ConnectedApps";
import { RegisteredApps } from "./RegisteredApps";

/** The apps of the account for those who manage them, and the user's own connections. */
export function AppsScreen() {
  const mayRead = useMay("oauth-clients:read");
  return (
    <>
      <PageHeader
        title="Apps"
        about="Apps that act for users of this account, with the rights that each user allows."
      />
      <Stack gap={48}>
        <ConnectedApps />
        {mayRead && <RegisteredApps />}
      </Stack>
    </>
  );
}
