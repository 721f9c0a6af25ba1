import { useUrlParameter } from "../url/useUrlParameter";
import { useSession } from "./SessionContext";

export const ACCOUNT_PARAMETER = "account";

/** The selected account. It is in the URL, so that a reload or a shared link keeps it. Null is the user's own account. */
export function useAccountId(): { accountId: string | null; choose: (id: string | null) => void } {
  const { session } = useSession();
  const [named, setNamed] = useUrlParameter(ACCOUNT_PARAMETER);
  return {
    accountId: named && !session.portal && named !== session.accountId ? named : null,
    choose: (id) => setNamed(id ?? ""),
  };
}
