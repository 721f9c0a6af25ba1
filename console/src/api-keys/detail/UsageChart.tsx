import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { VisuallyHidden } from "@mantine/core";
import type { DayOfUse } from "../../api/schema";
import { formatCompact, formatNumber } from "../../format/numbers";
import { formatCalendarDay } from "../../format/times";

/** Days as bars, accepted below refused; the same as a table for who can't see them. */
export default function UsageChart({ days, height }: { days: DayOfUse[]; height: number }) {
  const data = days.map(({ day, requests, refused }) => ({
    day: formatCalendarDay(day),
    Accepted: requests,
    Refused: Object.values(refused).reduce((sum, count) => sum + count, 0),
  }));
  return (
    <>
      <BarChart
        aria-hidden
        h={height}
        data={data}
        dataKey="day"
        type="stacked"
        series={[
          { name: "Accepted", color: "indigo.6" },
          { name: "Refused", color: "var(--console-bad)" },
        ]}
        valueFormatter={formatNumber}
        yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: (value: number) => formatCompact(value) }}
        xAxisProps={{ minTickGap: 24 }}
        gridAxis="x"
        tickLine="none"
        withLegend
        legendProps={{ verticalAlign: "bottom" }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
      <VisuallyHidden>
        <table>
          <caption>Requests by day</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Accepted</th>
              <th scope="col">Refused</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ day, Accepted, Refused }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                <td>{formatNumber(Accepted)}</td>
                <td>{formatNumber(Refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
