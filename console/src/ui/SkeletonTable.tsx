import { Skeleton, Table, VisuallyHidden } from "@mantine/core";

/** A table's shape while its first page is on its way, as high as the page that comes. */
export function SkeletonTable({ columns, rows = 8 }: { columns: readonly string[]; rows?: number }) {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Table aria-hidden verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map((name, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they stay where they are, and some have no name
              <Table.Th key={column}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
            <Table.Tr key={row}>
              {columns.map((_, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as their heads
                <Table.Td key={column}>
                  <Skeleton height={12} my={6} width={`${60 + ((row * 7 + column * 13) % 4) * 10}%`} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
