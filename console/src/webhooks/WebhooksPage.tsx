import { Route, Switch } from "wouter";
import { NotFound } from "../app/NotFound";
import { DeliveryScreen } from "./deliveries/detail/DeliveryScreen";
import { DeliveriesScreen } from "./deliveries/history/DeliveriesScreen";
import { RecoveriesScreen } from "./deliveries/recover/RecoveriesScreen";
import { WebhookScreen } from "./detail/WebhookScreen";
import { WebhooksScreen } from "./list/WebhooksScreen";

export default function WebhooksPage() {
  return (
    <Switch>
      <Route path="/webhooks" component={WebhooksScreen} />
      <Route path="/webhooks/:id">{({ id }) => <WebhookScreen id={id} key={id} />}</Route>
      <Route path="/webhooks/:id/deliveries">{({ id }) => <DeliveriesScreen id={id} key={id} />}</Route>
      <Route path="/webhooks/:id/deliveries/:deliveryId">
        {({ id, deliveryId }) => <DeliveryScreen webhookId={id} id={deliveryId} key={deliveryId} />}
      </Route>
      <Route path="/webhooks/:id/recoveries">{({ id }) => <RecoveriesScreen id={id} key={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
