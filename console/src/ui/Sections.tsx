import { Link, useLocation } from "wouter";
import { useAccountHref } from "../url/AccountLink";
import classes from "./Sections.module.css";

/** Leads to the parts of a screen. One is there on a part's path and below it, where no later part's is longer. */
export function Sections(props: { label: string; sections: readonly { path: string; title: string }[] }) {
  const { label, sections } = props;
  const hrefOf = useAccountHref();
  const [location] = useLocation();
  const here = sections.filter(({ path }) => location === path || location.startsWith(`${path}/`)).at(-1);
  return (
    <nav className={classes.sections} aria-label={label}>
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
