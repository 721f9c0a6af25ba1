import type { Attempt } from "../../../api/schema";

/** An attempt as a row: the first of its delivery says what was delivered, those below it belong to it. */
export interface Row {
  attempt: Attempt;
  isFirst: boolean;
  isLast: boolean;
}

/** The API's order has the attempts of a delivery together, the newest first. */
export function rowsOf(attempts: readonly Attempt[]): Row[] {
  return attempts.map((attempt, index) => ({
    attempt,
    isFirst: attempts[index - 1]?.deliveryId !== attempt.deliveryId,
    isLast: attempts[index + 1]?.deliveryId !== attempt.deliveryId,
  }));
}
