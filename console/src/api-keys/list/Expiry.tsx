import type { ApiKey } from "../../api/schema";
import { RelativeTime } from "../../ui/RelativeTime";
import classes from "./Expiry.module.css";
import { expiresSoon } from "./words";

/** When a key ends; said louder where that is soon. A revoked one has ended. */
export function Expiry({ apiKey: key }: { apiKey: Pick<ApiKey, "status" | "expiresAt"> }) {
  if (key.status === "revoked") return <span className={classes.over}>—</span>;
  return (
    <span className={classes.expiry} data-soon={expiresSoon(key, new Date()) || undefined}>
      <RelativeTime time={key.expiresAt} />
    </span>
  );
}
