import { type UseFormReturnType, useForm } from "@mantine/form";
import { type MemberValues, validated } from "./values";

export type MemberFields = UseFormReturnType<MemberValues>;

export function useMemberForm(initial: MemberValues): MemberFields {
  return useForm<MemberValues>({ initialValues: initial, validate: validated });
}
