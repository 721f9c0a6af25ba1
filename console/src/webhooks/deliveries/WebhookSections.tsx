import { Link, useLocation } from "wouter";
import { useAccountHref } from "../../url/AccountLink";
import { paths } from "./paths";
import classes from "./WebhookSections.module.css";

/** Leads to what there is about a webhook. */
export function WebhookSections({ id }: { id: string }) {
  const hrefOf = useAccountHref();
  const [location] = useLocation();
  const sections = [
    { path: `/webhooks/${id}`, title: "Overview" },
    { path: paths.history(id), title: "Deliveries" },
    { path: paths.recoveries(id), title: "Recoveries" },
  ];
  const here = sections.filter(({ path }) => location === path || location.startsWith(`${path}/`)).at(-1);
  return (
    <nav className={classes.sections} aria-label="Webhook">
      {sections.map((section) => (
        <Link
          key={section.path}
          href={hrefOf(section.path)}
          className={classes.section ?? ""}
          aria-current={section === here ? "page" : undefined}
        >
          {section.title}
        </Link>
      ))}
    </nav>
  );
}
