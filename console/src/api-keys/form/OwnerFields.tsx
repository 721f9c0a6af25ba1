import { Stack, Switch } from "@mantine/core";
import { UserInput } from "../../members/UserInput";
import type { KeyFormFields } from "./useKeyForm";

/** The user who answers for the key, and whether the key has no more rights than this user. */
export function OwnerFields({ form }: { form: KeyFormFields }) {
  return (
    <Stack gap="sm">
      <UserInput
        label="Owner"
        description="The user who is responsible for the key. Without one, it is the creator."
        placeholder="User ID"
        {...form.getInputProps("ownerUserId")}
        value={form.values.ownerUserId}
      />
      <Switch
        label="Follow the owner's rights"
        description="The key can do only what its owner, a member of the account, can do at the moment. It is refused when the owner is no longer a member."
        {...form.getInputProps("followsOwner", { type: "checkbox" })}
      />
    </Stack>
  );
}
