import { Button, NativeSelect } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import IconPlus from "~icons/tabler/plus";
import IconSearch from "~icons/tabler/search";
import IconWebhook from "~icons/tabler/webhook";
import type { Webhook } from "../../api/schema";
import { comparable } from "../../format/names";
import { Allowed } from "../../session/Allowed";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageHeader } from "../../ui/PageHeader";
import { SearchInput } from "../../ui/SearchInput";
import { SkeletonTable } from "../../ui/SkeletonTable";
import { useUrlParameter } from "../../url/useUrlParameter";
import { useWebhookDialog } from "../changes/useWebhookDialog";
import { WebhookDialogs } from "../changes/WebhookDialogs";
import { useHealth } from "../data/useHealth";
import { useWebhooks } from "../data/useWebhooks";
import { STATES, stateOf, stateWord } from "../words";
import { SkeletonCards, WebhookCards } from "./WebhookCards";
import classes from "./WebhooksScreen.module.css";
import { COLUMNS, WebhooksTable } from "./WebhooksTable";

const WORTH_A_SEARCH = 6;

/** All webhooks of the account, and how they do. */
export function WebhooksScreen() {
  const { data, error, isPending, refetch } = useWebhooks();
  const dialog = useWebhookDialog();
  const webhooks = data?.data ?? [];
  const create = (
    <Allowed to="webhooks:write">
      <Button leftSection={<IconPlus size={16} />} onClick={() => dialog.open("create")}>
        New webhook
      </Button>
    </Allowed>
  );
  const isEmpty = data !== undefined && webhooks.length === 0;
  return (
    <>
      <PageHeader
        title="Webhooks"
        about="Addresses that are told when something happens."
        action={isEmpty ? undefined : create}
      />
      {error && !data && (
        <ErrorNotice error={error} title="The webhooks couldn't be loaded" retry={() => void refetch()} />
      )}
      {isPending && <Waiting />}
      {isEmpty && (
        <EmptyState icon={IconWebhook} title="No webhooks yet" action={create}>
          Add the address of a system of yours that takes POST requests. It gets each event as signed JSON, and again
          until it has answered.
        </EmptyState>
      )}
      {webhooks.length > 0 && <Listed webhooks={webhooks} />}
      <WebhookDialogs />
    </>
  );
}

function useIsWide(): boolean {
  return useMediaQuery("(min-width: 62em)", undefined, { getInitialValueInEffect: false });
}

function Waiting() {
  return useIsWide() ? <SkeletonTable columns={COLUMNS} rows={4} /> : <SkeletonCards />;
}

function Listed({ webhooks }: { webhooks: readonly Webhook[] }) {
  const [search, setSearch] = useUrlParameter("search");
  const [status, setStatus] = useUrlParameter("status");
  const { error, data: health, refetch } = useHealth();
  const isWide = useIsWide();
  const state = STATES.find((each) => each === status);
  const found = webhooks.filter((each) => (!state || stateOf(each) === state) && matches(each, search));
  const isFiltered = Boolean(search || state);
  return (
    <>
      {(webhooks.length >= WORTH_A_SEARCH || isFiltered) && (
        <search className={classes.toolbar}>
          <SearchInput value={search} onSearch={setSearch} label="Search address, description or event" />
          <NativeSelect
            aria-label="Status"
            data={[
              { value: "", label: "All statuses" },
              ...STATES.map((each) => ({ value: each, label: stateWord(each) })),
            ]}
            value={state ?? ""}
            onChange={(event) => setStatus(event.currentTarget.value)}
          />
        </search>
      )}
      {error && !health && (
        <div className={classes.error}>
          <ErrorNotice error={error} title="How they do couldn't be loaded" retry={() => void refetch()} />
        </div>
      )}
      {found.length > 0 && (isWide ? <WebhooksTable webhooks={found} /> : <WebhookCards webhooks={found} />)}
      {found.length === 0 && (
        <EmptyState
          icon={IconSearch}
          title="No webhook fits"
          action={
            <Button
              variant="default"
              onClick={() => {
                setSearch("");
                setStatus("");
              }}
            >
              Show all webhooks
            </Button>
          }
        >
          Search looks at addresses, descriptions and events.
        </EmptyState>
      )}
    </>
  );
}

function matches({ url, description, events }: Webhook, search: string): boolean {
  const words = comparable(search);
  return [url ?? "", description ?? "", ...events].some((text) => comparable(text).includes(words));
}
