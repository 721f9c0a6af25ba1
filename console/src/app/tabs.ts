import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { useSession } from "../session/SessionContext";
import { useRights } from "../session/useMe";

/** A tab of the console. Its page is loaded when the tab is first opened, and owns all paths below the tab's path. */
export interface Tab {
  path: string;
  title: string;
  /** The scope without which the page shows nothing; null for a page that every user sees. */
  scope: string | null;
  Page: LazyExoticComponent<ComponentType>;
}

export const tabs: readonly Tab[] = [
  { path: "/api-keys", title: "API Keys", scope: "api-keys:read", Page: lazy(() => import("../api-keys/ApiKeysPage")) },
  {
    path: "/webhooks",
    title: "Webhooks",
    scope: "webhooks:read",
    Page: lazy(() => import("../webhooks/WebhooksPage")),
  },
  { path: "/usage", title: "Usage", scope: "api-keys:read", Page: lazy(() => import("../usage/UsagePage")) },
  { path: "/audit", title: "Audit", scope: "audit-events:read", Page: lazy(() => import("../audit/AuditPage")) },
  { path: "/apps", title: "Apps", scope: null, Page: lazy(() => import("../apps/AppsPage")) },
  {
    path: "/members",
    title: "Members",
    scope: "account-members:read",
    Page: lazy(() => import("../members/MembersPage")),
  },
];

/** The tabs of the session: all of them, or those that the portal link asked for. */
export function useSessionTabs(): Tab[] {
  const { portal } = useSession().session;
  return tabs.filter(({ path }) => !portal?.tabs || portal.tabs.includes(path.slice(1)));
}

/** The tabs of the session that the caller's rights allow. */
export function useTabs(): Tab[] {
  const { may, isPending, error } = useRights();
  const isKnown = !isPending && !error;
  return useSessionTabs().filter(({ scope }) => (scope === null ? isKnown : may(scope)));
}
