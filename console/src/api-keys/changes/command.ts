import { here } from "../../app/place";

/** A request that shows whose key it is and what it may do. */
export function tryCommand(secret: string): string {
  return `curl -H "X-API-Key: ${secret}" ${here.apiUrl}/api-keys/current`;
}
