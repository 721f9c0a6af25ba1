import { Button, NativeSelect, TextInput } from "@mantine/core";
import IconX from "~icons/tabler/x";
import { useUserId } from "../session/useMe";
import classes from "./Audit.module.css";
import { type Filters, PERIODS } from "./filters";
import { actionLabel, REFUSED, shortId, THINGS } from "./words";

const ACTIONS = [
  { value: "", label: "All actions" },
  ...THINGS.map(({ name, all, actions }) => ({
    group: all.charAt(0).toUpperCase() + all.slice(1),
    items: [
      { value: `${name}.*`, label: `Everything about ${all}` },
      ...Object.keys(actions).map((verb) => ({ value: `${name}.${verb}`, label: actionLabel(`${name}.${verb}`) })),
    ],
  })),
  { group: "Attempts", items: [{ value: REFUSED, label: actionLabel(REFUSED) }] },
];

/** Which events are shown. One person or thing is chosen at an event's details, and can be let go of here. */
export function AuditFilters({ filters, set }: { filters: Filters; set: (changes: Partial<Filters>) => void }) {
  const userId = useUserId();
  const { action, actor, target, period, from, to } = filters;
  const isOther = actor !== "" && actor !== userId;
  const whos = [
    { value: "", label: "Anybody" },
    ...(userId ? [{ value: userId, label: "You" }] : []),
    ...(isOther ? [{ value: actor, label: `Only ${shortId(actor)}` }] : []),
  ];
  return (
    <search className={classes.filters}>
      <NativeSelect
        aria-label="Action"
        data={ACTIONS}
        value={action}
        onChange={(event) => set({ action: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Who"
        data={whos}
        value={actor}
        onChange={(event) => set({ actor: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="When"
        data={[...PERIODS]}
        value={period}
        onChange={(event) => set({ period: event.currentTarget.value, from: "", to: "" })}
      />
      {period === "days" && (
        <div className={classes.days}>
          <TextInput
            type="date"
            aria-label="First day"
            value={from}
            max={to || undefined}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            aria-label="Last day"
            value={to}
            min={from || undefined}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
        </div>
      )}
      {target && (
        <div className={classes.target}>
          <Button
            variant="default"
            size="xs"
            rightSection={<IconX size={14} />}
            aria-label={`Done to ${shortId(target)}: show what was done to anything`}
            onClick={() => set({ target: "" })}
          >
            Done to {shortId(target)}
          </Button>
        </div>
      )}
    </search>
  );
}
