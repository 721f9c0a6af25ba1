import { Sections } from "../../ui/Sections";
import { paths } from "./paths";

/** Leads to what there is about a webhook. */
export function WebhookSections({ id }: { id: string }) {
  const sections = [
    { path: `/webhooks/${id}`, title: "Overview" },
    { path: paths.history(id), title: "Deliveries" },
    { path: paths.recoveries(id), title: "Recoveries" },
  ];
  return <Sections label="Webhook" sections={sections} />;
}
