import { useEffect } from "react";
import { leadTo } from "./leadTo";

type Errors = Record<string, string>;

/** Once what was sent is refused, says so at the form's fields, and leads to the first of them. */
export function useRefusal(
  error: unknown,
  { setErrors }: { setErrors: (errors: Errors) => void },
  fieldsOf: (error: unknown) => Errors,
): void {
  useEffect(() => {
    if (!error) return;
    const errors = fieldsOf(error);
    setErrors(errors);
    leadTo(errors);
  }, [error, setErrors, fieldsOf]);
}
