import IconCompass from "~icons/tabler/compass";
import { EmptyState } from "../ui/EmptyState";
import { AccountLink } from "../url/AccountLink";
import { tabs } from "./tabs";

export function NotFound() {
  return (
    <EmptyState
      icon={IconCompass}
      title="There is nothing at this address"
      action={<AccountLink to={tabs[0].path}>Go to {tabs[0].title}</AccountLink>}
    >
      It may have been deleted, or the link may be incomplete.
    </EmptyState>
  );
}
