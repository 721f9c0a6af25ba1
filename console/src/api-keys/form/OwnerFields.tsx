import { UserInput } from "../../members/UserInput";
import type { KeyFormFields } from "./useKeyForm";

/** The user who answers for the key. */
export function OwnerFields({ form }: { form: KeyFormFields }) {
  return (
    <UserInput
      label="Owner"
      description="The user who is responsible for the key. Without one, it is the creator."
      placeholder="User ID"
      {...form.getInputProps("ownerUserId")}
      value={form.values.ownerUserId}
    />
  );
}
