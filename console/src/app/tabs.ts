import { type ComponentType, type LazyExoticComponent, lazy } from "react";

/** A tab of the screen: each is loaded when it is first opened, and owns every path below its own. */
export interface Tab {
  path: string;
  title: string;
  Page: LazyExoticComponent<ComponentType>;
}

export const tabs: readonly [Tab, ...Tab[]] = [
  { path: "/api-keys", title: "API Keys", Page: lazy(() => import("../api-keys/ApiKeysPage")) },
  { path: "/webhooks", title: "Webhooks", Page: lazy(() => import("../webhooks/WebhooksPage")) },
  { path: "/usage", title: "Usage", Page: lazy(() => import("../usage/UsagePage")) },
  { path: "/audit", title: "Audit", Page: lazy(() => import("../audit/AuditPage")) },
];
