import { type UseFormReturnType, useForm } from "@mantine/form";
import { type ProfileValues, validated } from "./rules";

export type ProfileFields = UseFormReturnType<ProfileValues>;

export function useProfileForm(initial: ProfileValues): ProfileFields {
  return useForm<ProfileValues>({ initialValues: initial, validate: validated });
}
