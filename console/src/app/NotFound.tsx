import IconCompass from "~icons/tabler/compass";
import { EmptyState } from "../ui/EmptyState";
import { AccountLink } from "../url/AccountLink";
import { useTabs } from "./tabs";

export function NotFound() {
  const [first] = useTabs();
  return (
    <EmptyState
      icon={IconCompass}
      title="There is nothing at this address"
      action={first && <AccountLink to={first.path}>Go to {first.title}</AccountLink>}
    >
      It may have been deleted, or the link may be incomplete.
    </EmptyState>
  );
}
