import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { queryKeys } from "../../api/queryKeys";
import type { Webhook, WebhookList } from "../../api/schema";
import { webhookQueries } from "./webhookQueries";

/** Puts what the API answered to a change where webhooks are shown, at once, and has them asked for again. */
export function useKeptWebhooks() {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      /** A changed or a new webhook; the answer's secret is left out. */
      keep: (answer: Webhook) => {
        const webhook = withoutSecret(answer);
        queries.setQueryData<Webhook>(webhookQueries.one(webhook.id), webhook);
        queries.setQueryData<WebhookList>(webhookQueries.all, (all) => all && withWebhook(all, webhook));
        void queries.invalidateQueries({ queryKey: queryKeys.webhooks });
      },
      /** After it was deleted. */
      forget: (id: string) => {
        queries.setQueryData<WebhookList>(
          webhookQueries.all,
          (all) => all && { ...all, data: all.data.filter((each) => each.id !== id) },
        );
        queries.removeQueries({ queryKey: webhookQueries.one(id) });
        void queries.invalidateQueries({ queryKey: webhookQueries.all });
      },
    }),
    [queries],
  );
}

function withWebhook(all: WebhookList, webhook: Webhook): WebhookList {
  if (!all.data.some(({ id }) => id === webhook.id)) return { ...all, data: [webhook, ...all.data] };
  return { ...all, data: all.data.map((each) => (each.id === webhook.id ? webhook : each)) };
}

/** The API's object of a webhook, which is all that may be kept of an answer that has more. */
export function withoutSecret(answer: Webhook): Webhook {
  const { secret, previousSecretsSignUntil, ...kept } = answer as Webhook & {
    secret?: unknown;
    previousSecretsSignUntil?: unknown;
  };
  return kept;
}
