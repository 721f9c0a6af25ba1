import { IconKey } from "@tabler/icons-react";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Sections } from "../Sections";

/** All keys of the account. */
export function KeysScreen() {
  return (
    <>
      <PageHeader title="API keys" about="Credentials with which your systems call the API." />
      <Sections />
      <EmptyState icon={IconKey} title="No API keys yet">
        Create a key for each integration or environment.
      </EmptyState>
    </>
  );
}
