import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { ApiKey } from "../../api/schema";
import { useKeptKeys } from "../data/useKeptKeys";

/** Enables a disabled key at once: nothing is lost by it. What goes wrong is said where it was asked for. */
export function useEnableKey() {
  const api = useApi();
  const kept = useKeptKeys();
  return useMutation({
    mutationFn: ({ id }: ApiKey) =>
      answered(api.PATCH("/api-keys/{id}", { params: { path: { id } }, body: { status: "active" } })),
    onSuccess: (key) => {
      kept.keep(key);
      notifications.show({ message: `${key.name} is enabled: requests with it are accepted again.` });
    },
    onError: (error, { name }) => {
      notifications.show({ color: "red", title: `${name} wasn't enabled`, message: error.message });
    },
  });
}
