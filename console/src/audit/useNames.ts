import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { queryKeys } from "../api/queryKeys";
import type { AuditEvent } from "../api/schema";
import { useProfiles } from "../api-keys/data/useProfiles";
import { useRights } from "../session/useMe";

export interface Names {
  isPending: boolean;
  /** The key's name; null if there is no such key. */
  ofKey: (id: string) => string | null;
  /** What an event was done to, and where it is; null if it is gone, or is nothing that has a screen. */
  ofTarget: (event: AuditEvent) => { name: string; path: string; parameters?: Record<string, string> } | null;
}

/** The names of what a page of events is about, as far as it exists still: a request for each kind of thing. */
export function useNames(events: readonly AuditEvent[]): Names {
  const api = useApi();
  const about = (thing: string) => events.filter(({ action }) => action.startsWith(`${thing}.`));
  const actors = events.filter(({ actor }) => actor.kind === "api_key").map(({ actor }) => actor.id);
  const { may } = useRights();
  const keyIds = [...new Set([...about("api_key").map(({ targetId }) => targetId), ...actors])].sort();
  const wantsKeys = keyIds.length > 0 && may("api-keys:read");
  const keys = useQuery({
    queryKey: [...queryKeys.apiKeys, "names", keyIds],
    queryFn: ({ signal }) => {
      const query = { keyIds: keyIds.join(","), days: 1, limit: keyIds.length };
      return answered(api.GET("/api-keys/usage", { params: { query }, signal }));
    },
    enabled: wantsKeys,
    placeholderData: keepPreviousData,
  });
  const hasWebhooks = about("webhook").length > 0 && may("webhooks:read");
  const webhooks = useQuery({
    queryKey: [...queryKeys.webhooks, "names"],
    queryFn: ({ signal }) => answered(api.GET("/webhooks", { signal })),
    enabled: hasWebhooks,
  });
  const hasProfiles = about("permission_profile").length > 0 && may("api-keys:read");
  const profiles = useProfiles({ enabled: hasProfiles });
  const ofKey = (id: string) => keys.data?.data.find(({ keyId }) => keyId === id)?.name ?? null;
  return {
    isPending:
      (wantsKeys && keys.isPending) || (hasWebhooks && webhooks.isPending) || (hasProfiles && profiles.isPending),
    ofKey,
    ofTarget: ({ action, targetId: id }) => {
      const found = (name: string | null | undefined, path: string, parameters?: Record<string, string>) =>
        name ? { name, path, ...(parameters ? { parameters } : {}) } : null;
      if (action.startsWith("api_key.")) return found(ofKey(id), `/api-keys/${id}`);
      if (action.startsWith("permission_profile.")) {
        return found(profiles.nameOf(id), "/api-keys/profiles", { open: `edit.${id}` });
      }
      const webhook = webhooks.data?.data.find((each) => each.id === id);
      return webhook ? found(webhook.url ?? "the default webhook", `/webhooks/${id}`) : null;
    },
  };
}
