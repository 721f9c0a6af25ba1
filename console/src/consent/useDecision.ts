import { useMutation } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { useApi } from "../api/ApiContext";
import { answered } from "../api/client";
import { goTo } from "./goTo";

export interface Decision {
  allow: () => void;
  deny: () => void;
  /** The answer is under way, or the browser already leaves. */
  isBusy: boolean;
  error: unknown;
}

/** Sends the user's answer once. After an error it can be sent again. */
export function useDecision(query: string): Decision {
  const api = useApi();
  const isSent = useRef(false);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (decision: "allow" | "deny") => answered(api.POST("/oauth/consents", { body: { query, decision } })),
    onSuccess: ({ redirectTo }) => goTo(redirectTo),
    onError: () => {
      isSent.current = false;
    },
  });
  const send = useCallback(
    (decision: "allow" | "deny") => {
      if (isSent.current) return;
      isSent.current = true;
      mutate(decision);
    },
    [mutate],
  );
  const allow = useCallback(() => send("allow"), [send]);
  const deny = useCallback(() => send("deny"), [send]);
  return { allow, deny, isBusy: isPending || isSuccess, error };
}
