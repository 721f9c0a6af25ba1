import { IconArrowLeft } from "@tabler/icons-react";
import { Link, useSearchParams } from "wouter";
import { useAccountHref } from "../../../url/AccountLink";
import { lastHistorySearch } from "../history/lastHistory";
import { paths } from "../paths";
import classes from "./Delivery.module.css";

/** Leads back to the page of the history that one came from. */
export function BackToHistory({ webhookId }: { webhookId: string }) {
  const hrefOf = useAccountHref();
  const [parameters] = useSearchParams();
  return (
    <Link href={hrefOf(paths.history(webhookId), lastHistorySearch(parameters))} className={classes.back ?? ""}>
      <IconArrowLeft size={16} aria-hidden />
      Deliveries
    </Link>
  );
}
