import { SegmentedControl } from "@mantine/core";
import { useUrlParameter } from "../url/useUrlParameter";

const USUAL = "30";

/** Some days back from today, as the address says: one of `choices`, thirty where it says nothing else. */
export interface Period {
  days: number;
  choices: readonly string[];
  choose: (days: string) => void;
}

export function usePeriod(parameter: string, choices: readonly string[]): Period {
  const [asked, set] = useUrlParameter(parameter);
  return {
    days: Number(choices.includes(asked) ? asked : USUAL),
    choices,
    choose: (days) => set(days === USUAL ? "" : days),
  };
}

/** How far back the API counts by day. */
export const DAYS_BACK = ["7", "30", "90"] as const;

export function PeriodControl({ period, label = "Period", size }: { period: Period; label?: string; size?: "xs" }) {
  return (
    <SegmentedControl
      {...(size ? { size } : {})}
      aria-label={label}
      data={period.choices.map((value) => ({ value, label: `${value} days` }))}
      value={String(period.days)}
      onChange={period.choose}
    />
  );
}
