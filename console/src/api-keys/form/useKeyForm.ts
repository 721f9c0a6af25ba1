import { type UseFormReturnType, useForm } from "@mantine/form";
import { validated } from "./validation";
import type { KeyValues } from "./values";

export type KeyFormFields = UseFormReturnType<KeyValues>;

export function useKeyForm(initial: KeyValues): KeyFormFields {
  return useForm<KeyValues>({ initialValues: initial, validate: (values) => validated(values, new Date()) });
}
