import { useSearchParams } from "wouter";
import { BackLink } from "../../ui/BackLink";
import { lastListSearch } from "../list/lastListSearch";

/** Leads back to the list as it was left: searched, filtered and sorted. */
export function BackToKeys() {
  const [parameters] = useSearchParams();
  return (
    <BackLink to="/api-keys" parameters={lastListSearch(parameters)}>
      API keys
    </BackLink>
  );
}
