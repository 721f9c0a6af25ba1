import type { ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { ACCOUNT_PARAMETER } from "../session/useAccountId";

/** Makes addresses that stay with the account that is worked on: `hrefOf("/webhooks", { status: "paused" })`. */
export function useAccountHref(): (path: string, parameters?: Record<string, string>) => string {
  const account = new URLSearchParams(useSearch()).get(ACCOUNT_PARAMETER);
  return (path, parameters = {}) => {
    const query = new URLSearchParams(account ? { ...parameters, [ACCOUNT_PARAMETER]: account } : parameters);
    return query.size > 0 ? `${path}?${query}` : path;
  };
}

/** A link within the console that stays with the account. `aria-current` says whether one is there or below it. */
export function AccountLink(props: {
  to: string;
  parameters?: Record<string, string>;
  className?: string | undefined;
  children: ReactNode;
}) {
  const { to, parameters, className, children } = props;
  const hrefOf = useAccountHref();
  const [location] = useLocation();
  const isHere = location === to || location.startsWith(`${to}/`);
  return (
    <Link href={hrefOf(to, parameters)} className={className ?? ""} aria-current={isHere ? "page" : undefined}>
      {children}
    </Link>
  );
}
