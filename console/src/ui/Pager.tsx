import { Button, Group } from "@mantine/core";
import IconChevronLeft from "~icons/tabler/chevron-left";
import IconChevronRight from "~icons/tabler/chevron-right";
import type { PagedList } from "../api/usePagedList";

/** Leads through a list's pages; it isn't there for a list of one. */
export function Pager({ list }: { list: PagedList<unknown> }) {
  if (!list.toFirst && !list.toNext) return null;
  return (
    <Group justify="flex-end" gap="xs" mt="md" component="nav" aria-label="Pages">
      {list.toFirst && (
        <Button variant="subtle" onClick={list.toFirst}>
          First page
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconChevronLeft size={16} />}
        disabled={!list.toPrevious}
        onClick={list.toPrevious}
      >
        Previous
      </Button>
      <Button
        variant="default"
        rightSection={<IconChevronRight size={16} />}
        disabled={!list.toNext}
        onClick={list.toNext}
      >
        Next
      </Button>
    </Group>
  );
}
