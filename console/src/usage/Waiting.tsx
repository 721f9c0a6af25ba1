import { Skeleton, Stack } from "@mantine/core";
import classes from "./Usage.module.css";

const BARS = [35, 60, 45, 80, 55, 70, 40, 90, 65, 50, 75, 60];

/** A chart's shape while its numbers are on their way. */
export function WaitingChart({ height }: { height: number }) {
  return (
    <div className={classes.waiting} style={{ blockSize: height }} aria-hidden>
      {BARS.map((share, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <Skeleton key={index} height={`${share}%`} radius="xs" />
      ))}
    </div>
  );
}

/** A list's. */
export function WaitingLines({ lines }: { lines: number }) {
  return (
    <Stack gap={24} py={12} aria-hidden>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={line} height={12} width={`${90 - ((line * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}
