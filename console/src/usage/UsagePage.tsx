import { Route, Switch } from "wouter";
import IconChartLine from "~icons/tabler/chart-line";
import { NotFound } from "../app/NotFound";
import { Allowed } from "../session/Allowed";
import { useMay } from "../session/useMe";
import { EmptyState } from "../ui/EmptyState";
import { PageHeader } from "../ui/PageHeader";
import { DAYS_BACK, PeriodControl, usePeriod } from "../ui/Period";
import { AccountLink } from "../url/AccountLink";
import { Attention } from "./Attention";
import { ByKey } from "./ByKey";
import { Deliveries } from "./Deliveries";
import { useDeliveries } from "./data/useDeliveries";
import { useUsageByKey } from "./data/useUsageByKey";
import { Requests } from "./Requests";
import classes from "./Usage.module.css";

export default function UsagePage() {
  return (
    <Switch>
      <Route path="/usage" component={UsageScreen} />
      <Route component={NotFound} />
    </Switch>
  );
}

/** How keys and webhooks were used, by day. */
function UsageScreen() {
  const period = usePeriod("days", DAYS_BACK);
  const { days } = period;
  const usage = useUsageByKey(days);
  const maySeeWebhooks = useMay("webhooks:read");
  const { data: deliveries } = useDeliveries(days, { enabled: maySeeWebhooks });
  const hasNoDeliveries = !maySeeWebhooks || deliveries?.data.every(({ attempts }) => attempts === 0);
  const isEmpty = !usage.isPending && usage.keys.length === 0 && hasNoDeliveries;
  return (
    <>
      <PageHeader
        title="Usage"
        about="Requests and deliveries by day, in UTC."
        action={<PeriodControl period={period} />}
      />
      {isEmpty ? (
        <EmptyState
          icon={IconChartLine}
          title="Nothing has been used yet"
          action={
            <Allowed to="api-keys:write">
              <AccountLink to="/api-keys" parameters={{ open: "create" }} className={classes.action}>
                Create an API key
              </AccountLink>
            </Allowed>
          }
        >
          Once a key is used or an event is delivered, it is counted here.
        </EmptyState>
      ) : (
        <div className={classes.parts}>
          <Requests usage={usage} />
          {maySeeWebhooks && <Deliveries days={days} />}
          <ByKey usage={usage} days={days} />
          <Attention />
        </div>
      )}
    </>
  );
}
