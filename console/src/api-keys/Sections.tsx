import { Link, useLocation } from "wouter";
import { useAccountHref } from "../url/AccountLink";
import classes from "./Sections.module.css";
import { sections } from "./sections";

/** Leads to the parts of the tab. */
export function Sections() {
  const hrefOf = useAccountHref();
  const [location] = useLocation();
  const here = sections.filter(({ path }) => location.startsWith(path)).at(-1);
  if (sections.length < 2) return null;
  return (
    <nav className={classes.sections} aria-label="API keys">
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
