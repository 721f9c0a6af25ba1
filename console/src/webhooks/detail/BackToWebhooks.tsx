import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "wouter";
import { useAccountHref } from "../../url/AccountLink";
import classes from "./WebhookScreen.module.css";

export function BackToWebhooks() {
  const hrefOf = useAccountHref();
  return (
    <Link href={hrefOf("/webhooks")} className={classes.back ?? ""}>
      <IconArrowLeft size={16} aria-hidden />
      Webhooks
    </Link>
  );
}
