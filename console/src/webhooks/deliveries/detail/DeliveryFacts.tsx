import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Delivery } from "../../../api/schema";
import { Copied } from "../../../ui/Copied";
import classes from "./Delivery.module.css";

/** By which names a delivery is known: here, to the receiver, and to whoever published its event. */
export function DeliveryFacts({ delivery }: { delivery: Delivery }) {
  return (
    <Card withBorder padding="lg">
      <Title order={2} size="h5" mb="md">
        Details
      </Title>
      <dl className={classes.facts}>
        <Fact name="webhook-id">
          <Copied text={delivery.id} what="the webhook-id" />
        </Fact>
        <Fact name="Event">
          <Copied text={delivery.eventId} what="the event's ID" />
        </Fact>
        {delivery.externalId !== null && (
          <Fact name="External ID">
            <Copied text={delivery.externalId} what="the external ID" />
          </Fact>
        )}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
