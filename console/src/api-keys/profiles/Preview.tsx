import { Text } from "@mantine/core";
import IconBan from "~icons/tabler/ban";
import IconCheck from "~icons/tabler/check";
import IconMinus from "~icons/tabler/minus";
import type { PermissionRule } from "../../api/schema";
import { useScopes } from "../data/useScopes";
import { resourcesOf } from "../form/scopes";
import classes from "./Profiles.module.css";
import { type Effect, effectOn } from "./rules";

const WORDS: Record<Effect, string> = { allowed: "allowed", denied: "denied", own: "as the key’s own scopes say" };
const ICONS = { allowed: IconCheck, denied: IconBan, own: IconMinus };

/** What the rules come to, scope by scope of the catalogue. */
export function Preview({ rules }: { rules: readonly PermissionRule[] }) {
  const { names } = useScopes();
  return (
    <section aria-label="What its keys may do">
      <Text size="sm" fw={600}>
        What its keys may do
      </Text>
      <Text size="sm" c="dimmed" mb="xs">
        Deny wins. “Own” is as the key's own scopes say.
      </Text>
      <dl className={classes.preview}>
        {resourcesOf(names).map(({ resource, scopes: each }) => (
          <div key={resource} className={classes.resource}>
            <dt>{resource}</dt>
            {each.map(({ scope, action }) => (
              <Scope key={scope} action={action} effect={effectOn(scope, rules)} />
            ))}
          </div>
        ))}
      </dl>
    </section>
  );
}

function Scope({ action, effect }: { action: string; effect: Effect }) {
  const Icon = ICONS[effect];
  return (
    <dd className={classes.scope} data-effect={effect} title={WORDS[effect]}>
      <Icon size={14} />
      {action}
      <span className={classes.effect}>{effect === "own" ? "own" : WORDS[effect]}</span>
    </dd>
  );
}
