import { useUrlParameter } from "../url/useUrlParameter";
import { useSession } from "./SessionContext";

export const ACCOUNT_PARAMETER = "account";

/** The account that is worked on. It stands in the address, so that a reload or a shared link stays with it. */
export function useAccountId(): { accountId: string; choose: (id: string) => void } {
  const { session } = useSession();
  const [named, setNamed] = useUrlParameter(ACCOUNT_PARAMETER);
  return {
    accountId: named || session.accountId,
    choose: (id) => setNamed(id === session.accountId ? "" : id),
  };
}
