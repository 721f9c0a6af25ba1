import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/ApiContext";
import { answered } from "../../api/client";
import type { FilterBody } from "../../api/schema";
import { useKeptKeys } from "../data/useKeptKeys";
import { type FoundKey, findKeys, type Outcome, revokeKeys } from "./revoking";

/** What was found, and the moment since which none of it was used. */
export interface Found {
  keys: FoundKey[];
  unusedSince: string;
}

const ANY: FilterBody = {
  all: null,
  ids: null,
  status: null,
  search: null,
  profileId: null,
  scope: null,
  userId: null,
  createdBefore: null,
  unusedSince: null,
};
const NO_OUTCOMES: ReadonlyMap<string, Outcome> = new Map();

/** Finds keys that nobody used, and then revokes those very keys, as long as they are still unused. */
export function useRevokeUnused() {
  const api = useApi();
  const kept = useKeptKeys();
  const [found, setFound] = useState<Found | null>(null);
  const [soFar, setSoFar] = useState(0);
  const [outcomes, setOutcomes] = useState(NO_OUTCOMES);
  const find = useMutation({
    mutationFn: async (days: number) => {
      setSoFar(0);
      const unusedSince = new Date(Date.now() - days * 86_400_000).toISOString();
      const filter = { ...ANY, unusedSince };
      const keys = await findKeys(
        (cursor) => answered(api.POST("/api-keys/bulk-revoke", { body: { filter, dryRun: true, cursor } })),
        setSoFar,
      );
      return { keys, unusedSince };
    },
    onSuccess: setFound,
  });
  const revoke = useMutation({
    mutationFn: ({ keys, unusedSince }: Found) =>
      revokeKeys(
        keys.map(({ id }) => id),
        outcomes,
        async (ids) => {
          const body = { filter: { ...ANY, ids, unusedSince }, dryRun: false, cursor: null };
          return (await answered(api.POST("/api-keys/bulk-revoke", { body }))).data;
        },
        async (id) => (await answered(api.GET("/api-keys/{id}", { params: { path: { id } } }))).status === "revoked",
        setOutcomes,
      ),
    onSettled: () => void kept.askAgain(),
  });
  return { found, soFar, outcomes, find, revoke, backToChoice: () => setFound(null) };
}
