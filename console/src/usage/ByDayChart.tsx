import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { VisuallyHidden } from "@mantine/core";
import { formatCompact, formatNumber } from "../format/numbers";
import { formatCalendarDay } from "../format/times";
import type { DayOfNumbers } from "./counting";

export interface Series {
  name: string;
  color: string;
}

/** Days as bars, one series on the other; the same as a table for who can't see them. */
export default function ByDayChart(props: { title: string; days: DayOfNumbers[]; series: Series[]; height: number }) {
  const { title, days, series, height } = props;
  const data = days.map(({ day, values }) => ({
    day: formatCalendarDay(day),
    ...Object.fromEntries(series.map(({ name }, index) => [name, values[index] ?? 0])),
  }));
  return (
    <>
      <BarChart
        aria-hidden
        h={height}
        data={data}
        dataKey="day"
        type="stacked"
        series={series}
        valueFormatter={formatNumber}
        yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: (value: number) => formatCompact(value) }}
        xAxisProps={{ minTickGap: 24 }}
        gridAxis="x"
        tickLine="none"
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
      <VisuallyHidden>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, values }) => (
              <tr key={day}>
                <th scope="row">{formatCalendarDay(day)}</th>
                {series.map(({ name }, index) => (
                  <td key={name}>{formatNumber(values[index] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
