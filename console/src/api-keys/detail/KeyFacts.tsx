import { Card, Title } from "@mantine/core";
import type { ApiKey } from "../../api/schema";
import { formatNumber } from "../../format/numbers";
import { useUsers } from "../../members/useUsers";
import { inSentence } from "../../members/words";
import { Copied } from "../../ui/Copied";
import { Fact, Facts, Json, Lines } from "../../ui/Facts";
import { RelativeTime } from "../../ui/RelativeTime";
import { useProfiles } from "../data/useProfiles";
import { Expiry } from "../list/Expiry";
import { isOwnedByOther } from "../list/words";
import { creditWords, rateWords } from "./limitWords";

/** What a key is, and what it may. */
export function KeyFacts({ apiKey: key }: { apiKey: ApiKey }) {
  const { nameOf } = useProfiles({ enabled: key.profileId !== null });
  const showsOwner = isOwnedByOther(key) || key.followsOwner;
  const { nameOf: userName } = useUsers({ enabled: showsOwner });
  const hasMetadata = Object.keys(key.metadata).length > 0;
  return (
    <Card withBorder padding="lg">
      <Title order={2} size="h5" mb="md">
        Details
      </Title>
      <Facts>
        {key.prefix && (
          <Fact name="Begins with">
            <Copied text={key.prefix} what="the prefix" />
          </Fact>
        )}
        <Fact name="ID">
          <Copied text={key.id} what="the ID" />
        </Fact>
        {key.profileId && <Fact name="Profile">{nameOf(key.profileId) ?? key.profileId}</Fact>}
        <Fact name="Scopes">
          <Scopes scopes={key.scopes} hasProfile={key.profileId !== null} />
        </Fact>
        <Fact name="Expires">
          <Expiry apiKey={key} />
        </Fact>
        <Fact name="Last used">
          <RelativeTime time={key.lastUsedAt} />
        </Fact>
        <Fact name="This month">
          {formatNumber(key.requestCount)} {key.requestCount === 1 ? "request" : "requests"}
        </Fact>
        <Fact name="Rate limit">{rateWords(key.rateLimit)}</Fact>
        <Fact name="Credits">{creditWords(key.credits)}</Fact>
        <Fact name="Addresses">{key.ipAllowList.length > 0 ? key.ipAllowList.join(", ") : "From everywhere"}</Fact>
        {showsOwner && (
          <Fact name="Owner">
            {userName(key.ownerUserId)}
            {key.followsOwner && " (the key follows the owner's rights)"}
          </Fact>
        )}
        <Fact name="Created">
          <RelativeTime time={key.createdAt} />
          {isOwnedByOther(key) && ` by ${inSentence(userName(key.userId))}`}
        </Fact>
        {key.rotatedAt && (
          <Fact name="Rotated">
            <RelativeTime time={key.rotatedAt} />
          </Fact>
        )}
        {key.revokedAt ? (
          <Fact name="Revoked">
            <RelativeTime time={key.revokedAt} />
          </Fact>
        ) : (
          <Fact name="Changed">
            <RelativeTime time={key.updatedAt} />
          </Fact>
        )}
        {hasMetadata && (
          <Fact name="Metadata">
            <Json value={key.metadata} />
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

function Scopes({ scopes, hasProfile }: { scopes: string[]; hasProfile: boolean }) {
  if (scopes.includes("*")) return "Everything";
  if (scopes.length === 0) return hasProfile ? "None beside the profile's" : "None: it can only be verified";
  return <Lines of={scopes} />;
}
