import "@mantine/charts/styles.css";
import { BarChart, LineChart } from "@mantine/charts";
import { VisuallyHidden } from "@mantine/core";
import type { DayOfAttempts } from "../../api/schema";
import { formatCompact, formatDuration, formatNumber } from "../../format/numbers";
import { formatCalendarDay } from "../../format/times";

/** Days as bars of attempts, or as lines of response times; the same as a table for who can't see them. */
export default function StatsChart(props: { days: DayOfAttempts[]; shows: "attempts" | "latency"; height: number }) {
  const { days, shows, height } = props;
  const data = days.map(({ date, succeeded, failed, latencyMs }) => ({
    day: formatCalendarDay(date),
    Succeeded: succeeded,
    Failed: failed,
    p50: latencyMs?.p50 ?? null,
    p95: latencyMs?.p95 ?? null,
  }));
  const both = {
    "aria-hidden": true,
    h: height,
    data,
    dataKey: "day",
    xAxisProps: { minTickGap: 24 },
    gridAxis: "x",
    tickLine: "none",
    withLegend: true,
    legendProps: { verticalAlign: "bottom" },
  } as const;
  return (
    <>
      {shows === "attempts" ? (
        <BarChart
          {...both}
          type="stacked"
          series={[
            { name: "Succeeded", color: "indigo.6" },
            { name: "Failed", color: "var(--console-bad)" },
          ]}
          valueFormatter={formatNumber}
          yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: (value: number) => formatCompact(value) }}
          barChartProps={{ accessibilityLayer: false }}
          barProps={{ isAnimationActive: false, maxBarSize: 28 }}
        />
      ) : (
        <LineChart
          {...both}
          series={[
            { name: "p50", label: "Half within (p50)", color: "indigo.6" },
            { name: "p95", label: "95% within (p95)", color: "var(--console-waiting)", strokeDasharray: "5 4" },
          ]}
          valueFormatter={formatDuration}
          yAxisProps={{ width: 60, tickFormatter: (value: number) => formatDuration(value) }}
          curveType="linear"
          lineChartProps={{ accessibilityLayer: false }}
          lineProps={{ isAnimationActive: false }}
        />
      )}
      <VisuallyHidden>
        <table>
          <caption>Attempts by day</caption>
          <thead>
            <tr>
              {["Day", "Succeeded", "Failed", "p50", "p95"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map(({ day, Succeeded, Failed, p50, p95 }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                <td>{formatNumber(Succeeded)}</td>
                <td>{formatNumber(Failed)}</td>
                <td>{p50 === null ? "—" : formatDuration(p50)}</td>
                <td>{p95 === null ? "—" : formatDuration(p95)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
