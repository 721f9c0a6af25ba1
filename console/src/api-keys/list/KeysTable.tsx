import { Table, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import IconArrowDown from "~icons/tabler/arrow-down";
import IconArrowUp from "~icons/tabler/arrow-up";
import type { ApiKey } from "../../api/schema";
import type { Sort } from "./arranging";
import { KeyRow } from "./KeyRow";
import classes from "./KeysTable.module.css";

/** The heads of the columns, and the orders that a click on them leads through. */
const HEADS = [
  { title: "Name", sorts: ["name", "-name"] },
  { title: "Access", sorts: [] },
  { title: "Status", sorts: [] },
  { title: "Last used", sorts: ["-used", "used"] },
  { title: "Requests this month", sorts: ["-requests", "requests"] },
  { title: "Expires", sorts: ["expires", "-expires"] },
] as const satisfies readonly { title: string; sorts: readonly Sort[] }[];

export const COLUMNS: readonly string[] = [...HEADS.map(({ title }) => title), ""];

const ROW_HEIGHT = 64; // KeysTable.module.css has it, too
const OVERSCAN = 6;

/** Only the rows near the screen exist: a thousand keys scroll as ten do. */
export function KeysTable(props: {
  keys: readonly ApiKey[];
  sort: Sort | null;
  onSort: (sort: Sort) => void;
  profileName: (id: string) => string | undefined;
  ownerOf: (key: ApiKey) => string | undefined;
}) {
  const { keys, sort, onSort, profileName, ownerOf } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stands above may change with the keys
  useLayoutEffect(() => {
    setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [keys]);
  const rows = useWindowVirtualizer({
    count: keys.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin: top,
    useFlushSync: false,
  });
  const shown = rows.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <Table layout="fixed" className={classes.table ?? ""} aria-rowcount={keys.length + 1} aria-label="API keys">
      <Table.Thead>
        <Table.Tr aria-rowindex={1}>
          {HEADS.map(({ title, sorts }) => (
            <Head key={title} title={title} sorts={sorts} sort={sort} onSort={onSort} />
          ))}
          <Table.Th>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={body}>
        {above > 0 && <Gap height={above} />}
        {shown.map(({ index }) => {
          const key = keys[index];
          if (!key) return null;
          const profile = key.profileId ? profileName(key.profileId) : undefined;
          return <KeyRow key={key.id} apiKey={key} number={index + 2} profileName={profile} owner={ownerOf(key)} />;
        })}
        {below > 0 && <Gap height={below} />}
      </Table.Tbody>
    </Table>
  );
}

function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={COLUMNS.length} style={{ height }} />
    </tr>
  );
}

/** A click sorts, a second one turns it round, a third leads back to the newest first. */
function Head(props: { title: string; sorts: readonly Sort[]; sort: Sort | null; onSort: (sort: Sort) => void }) {
  const { title, sorts, sort, onSort } = props;
  if (sort === null || sorts.length === 0) return <Table.Th>{title}</Table.Th>;
  const step = sorts.indexOf(sort);
  const isDown = sort.startsWith("-");
  const Icon = isDown ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th {...(step >= 0 ? { "aria-sort": isDown ? "descending" : "ascending" } : {})}>
      <UnstyledButton className={classes.sort ?? ""} onClick={() => onSort(sorts[step + 1] ?? "newest")}>
        {title}
        {step >= 0 && <Icon size={14} />}
      </UnstyledButton>
    </Table.Th>
  );
}
