import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { Webhook } from "../../api/schema";
import { useKeptWebhooks } from "../data/useKeptWebhooks";
import { hostOf } from "../words";

/** Resumes a paused webhook, or enables a disabled one, at once: nothing is lost by it. */
export function useActivate() {
  const api = useApi();
  const kept = useKeptWebhooks();
  return useMutation({
    mutationFn: ({ id }: Webhook) =>
      answered(api.PATCH("/webhooks/{id}", { params: { path: { id } }, body: { status: "active" } })),
    onSuccess: (webhook, before) => {
      kept.keep(webhook);
      const was = before.status === "paused" ? "What was held is delivered now." : "New events are delivered again.";
      notifications.show({ message: `${hostOf(webhook)} is active. ${was}` });
    },
    onError: (error, before) => {
      const what = before.status === "paused" ? "resumed" : "enabled";
      notifications.show({ color: "red", title: `${hostOf(before)} wasn't ${what}`, message: error.message });
    },
  });
}
