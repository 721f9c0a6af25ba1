import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import IconHistory from "~icons/tabler/history";
import IconSearch from "~icons/tabler/search";
import type { AuditEvent } from "../api/schema";
import type { PagedList } from "../api/usePagedList";
import { EmptyState } from "../ui/EmptyState";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Pager } from "../ui/Pager";
import { useUrlParameter } from "../url/useUrlParameter";
import classes from "./Audit.module.css";
import { AuditEntry } from "./AuditEntry";
import type { Filters } from "./filters";
import { EVENT } from "./useFilters";
import { useNames } from "./useNames";

/** A page of events, or why there is none. */
export function AuditList(props: {
  list: PagedList<AuditEvent>;
  isFiltered: boolean;
  set: (changes: Partial<Filters>) => void;
  onClear: () => void;
}) {
  const { list, isFiltered, set, onClear } = props;
  const [open, setOpen] = useUrlParameter(EVENT);
  const names = useNames(list.items);
  if (list.error) return <ErrorNotice error={list.error} title="The events couldn't be loaded" retry={list.retry} />;
  if (list.isPending || (names.isPending && !list.isStale)) return <Waiting />;
  if (list.items.length === 0 && list.toNext) return <NoneSoFar list={list} />;
  if (list.items.length === 0 && isFiltered) return <NothingFound onClear={onClear} />;
  if (list.items.length === 0) return <None />;
  return (
    <>
      <ol className={classes.events} aria-label="Events" aria-busy={list.isStale}>
        {list.items.map((event) => (
          <AuditEntry
            key={event.id}
            event={event}
            names={names}
            opened={open === event.id}
            onToggle={() => setOpen(open === event.id ? "" : event.id)}
            set={set}
          />
        ))}
      </ol>
      <Pager list={list} />
    </>
  );
}

function Waiting() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <div className={classes.events} aria-hidden>
        {Array.from({ length: 8 }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          <div key={row} className={classes.event}>
            <div className={classes.row}>
              <div className={classes.words}>
                <Skeleton height={12} my={6} width={`${22 + ((row * 17) % 20)}%`} />
                <Skeleton height={10} my={6} width="12%" />
              </div>
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The API looks at so many events for one page, and then wants to be asked again. */
function NoneSoFar({ list }: { list: PagedList<AuditEvent> }) {
  return (
    <EmptyState
      icon={IconSearch}
      title="Nothing fits so far"
      action={<Button onClick={list.toNext}>Look further</Button>}
    >
      None of the next 1,000 events fits; there are older ones.
    </EmptyState>
  );
}

function NothingFound({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      icon={IconSearch}
      title="Nothing fits"
      action={
        <Button variant="default" onClick={onClear}>
          Show all events
        </Button>
      }
    >
      Nothing like this was done in that time.
    </EmptyState>
  );
}

function None() {
  return (
    <EmptyState icon={IconHistory} title="Nothing has happened yet">
      Every change to keys and webhooks is written down here, and every attempt that was refused.
    </EmptyState>
  );
}
