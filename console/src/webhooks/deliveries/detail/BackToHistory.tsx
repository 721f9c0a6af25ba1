import { useSearchParams } from "wouter";
import { BackLink } from "../../../ui/BackLink";
import { lastHistorySearch } from "../history/lastHistory";
import { paths } from "../paths";

/** Leads back to the page of the history that one came from. */
export function BackToHistory({ webhookId }: { webhookId: string }) {
  const [parameters] = useSearchParams();
  return (
    <BackLink to={paths.history(webhookId)} parameters={lastHistorySearch(parameters)}>
      Deliveries
    </BackLink>
  );
}
